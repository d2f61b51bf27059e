package apicheck

// CompileAll reads every schema of the document, for a look at all [Document.Warnings].
func (d *Document) CompileAll() {
	for _, op := range d.Operations {
		for _, p := range op.parameters {
			check("", p.schema, nil)
		}
		var contents []*content
		if op.body != nil {
			contents = op.body.contents
		}
		for _, r := range op.replies {
			contents = append(contents, r.contents...)
		}
		for _, c := range contents {
			check("", c.schema, nil)
		}
	}
}
