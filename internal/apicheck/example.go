package apicheck

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Example makes a reply of a documented status: an example of the document, the first that fits its schema, or
// else a small value made from the schema. The same seed makes the same value.
func (op *Operation) Example(status int, seed uint64) (header http.Header, text []byte, err error) {
	r, _ := op.reply(status)
	contents := r.contents()
	if len(contents) == 0 || op.Method == http.MethodHead {
		return http.Header{}, nil, nil
	}
	c := contents[0]
	fits := func(v any) bool {
		if text, err = c.encode(v); err != nil {
			return false
		}
		_, problems := c.check(text)
		return len(problems) == 0
	}
	if slices.ContainsFunc(c.examples(), fits) || c.make(seed, fits) {
		return c.header(), text, nil
	}
	return nil, nil, fmt.Errorf("no value for the reply %d of %s was found: the document has no example that fits, and its schema is too intricate", status, op.Name)
}

// examples are those of a content, and then those of its schema.
func (c *content) examples() []any {
	all := []any{c.raw("example").value}
	for _, example := range c.get("examples").children() {
		all = append(all, example.raw("value").value)
	}
	schema := c.get("schema")
	all = append(append(all, schema.raw("example").value), listOf(schema.raw("examples").value)...)
	return slices.DeleteFunc(all, func(v any) bool { return v == nil })
}

// make makes values until one fits: full ones and small ones, of one alternative after the other.
func (c *content) make(seed uint64, fits func(any) bool) bool {
	const attempts = 24
	schema := c.raw("schema").compile()
	if !c.json {
		return fits("text")
	}
	other, _ := NewCompiler(c.d.root)                    // which was possible when the document was read
	full, _ := other.Compile(c.raw("schema").location()) // none where schema is none
	demand(full, map[*jsonschema.Schema]bool{})
	for i := range attempts {
		m := c.d.maker(seed, i/2)
		v := any(object{})
		if i%2 == 0 {
			v = m.repair(full, v, richDepth)
		}
		if fits(m.repair(schema, v, most)) {
			return true
		}
	}
	return false
}

// Encode writes a value as the body of a reply, in the first media type that the document has for its status: as
// JSON, or a text as it is. Bytes are taken as they are in either. It does not check the reply.
func (op *Operation) Encode(status int, value any) (header http.Header, text []byte, err error) {
	r, _ := op.reply(status)
	c := &content{mediaType: "application/json", json: true}
	switch contents := r.contents(); {
	case len(contents) > 0:
		c = contents[0]
	case value == nil:
		return http.Header{}, nil, nil
	case status < 400:
		return nil, nil, errors.New("the document declares none; give nil")
	}
	text, err = c.encode(value)
	return c.header(), text, err
}

func (c *content) encode(value any) ([]byte, error) {
	raw, isRaw := value.([]byte)
	plain, isText := value.(string)
	switch {
	case isRaw:
		return raw, nil
	case c.json:
		return EncodeJSON(value)
	case isText:
		return []byte(plain), nil
	}
	return nil, fmt.Errorf("the document declares %s; give a string or bytes", c.mediaType)
}
