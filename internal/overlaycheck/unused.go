package overlaycheck

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// A broughtComponent is a component that an action adds.
type broughtComponent struct {
	action int
	at     location
}

// unused reports the components that actions bring and that no operation reaches, as is left behind when
// the operation that used them is taken out of the overlay.
func (c *checker) unused() {
	reached := map[string]bool{}
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if ref := child(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode && !reached[ref.Value] {
			reached[ref.Value] = true
			if at, inside := refLocation(ref.Value); inside {
				if target := lookup(c.merged, at); target != nil {
					visit(target)
				}
			}
		}
		for _, item := range n.Content {
			visit(item)
		}
	}
	for _, section := range []string{"paths", "webhooks"} {
		if n := lookup(c.merged, location{section}); n != nil {
			visit(n)
		}
	}
	for _, b := range c.brought {
		if b.at[1] == "securitySchemes" || reached["#"+b.at.String()] {
			continue // a security scheme is referred to by its bare name
		}
		c.report(b.action, Finding{Kind: Unused, What: strings.TrimSuffix(b.at[1], "s") + " " + b.at[2],
			Advice: "delete " + b.at[2] + " from the action's update: no operation refers to it"})
	}
}
