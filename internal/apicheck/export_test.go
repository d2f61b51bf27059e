package apicheck

import "fmt"

// Unreadable lists the schemas of the document that are not checked, and why.
func (d *Document) Unreadable() (all []string) {
	look := func(n node) {
		if n.value == nil {
			return
		}
		if _, err := d.compiler.Compile(n.location()); err != nil {
			all = append(all, fmt.Sprintf("%s: %v", n.ptr, err))
		}
	}
	for _, item := range d.at("#/paths").children() {
		for _, n := range item.children() {
			for _, p := range n.get("parameters").children() {
				look(p.raw("schema"))
			}
			bodies := []node{n.get("requestBody")}
			for _, r := range n.get("responses").children() {
				bodies = append(bodies, r)
			}
			for _, b := range bodies {
				for _, media := range b.get("content").children() {
					look(media.raw("schema"))
				}
			}
		}
	}
	return all
}
