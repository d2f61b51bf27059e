package apicheck

// CompileAll reads every schema of the document, for a look at all [Document.Warnings].
func (d *Document) CompileAll() {
	for _, op := range d.Operations {
		for _, p := range op.parameters() {
			p.schema.Check("", nil)
		}
		var contents []*content
		if op.request != nil {
			contents = op.request.contents
		}
		for _, r := range op.replies {
			contents = append(contents, r.contents...)
		}
		for _, c := range contents {
			c.schema.Check("", nil)
		}
	}
}
