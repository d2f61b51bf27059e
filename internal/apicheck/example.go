package apicheck

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// Example makes a reply of a documented status: an example of the document, the first that fits its schema, or
// else a small value made from the schema. The same seed makes the same value.
func (op *Operation) Example(status int, seed uint64) (header http.Header, text []byte, err error) {
	r := op.reply(status)
	if r == nil || len(r.contents) == 0 || op.Method == http.MethodHead {
		return http.Header{}, nil, nil
	}
	c := r.contents[0]
	header = http.Header{"Content-Type": {c.concrete()}}
	for _, v := range c.examples() {
		if text, ok := c.encode(v); ok {
			return header, text, nil
		}
	}
	var random [32]byte
	binary.BigEndian.PutUint64(random[:], seed)
	const attempts = 48
	for i := range attempts {
		m := &maker{d: op.document, rand: rand.NewChaCha8(random), rich: i%4 < 2, examples: i%2 == 0, branch: i / 4}
		if text, ok := c.encode(m.value(c.node.raw("schema").value, "text", 0)); ok {
			return header, text, nil
		}
	}
	return nil, nil, fmt.Errorf("no value for the reply %d of %s was found: the document has no example that fits, and its schema is too intricate", status, op.Name)
}

// concrete is a media type that a content stands for.
func (c *content) concrete() string {
	switch {
	case c.json && strings.Contains(c.mediaType, "*"):
		return "application/json"
	case strings.HasPrefix(c.mediaType, "text/"):
		return strings.ReplaceAll(c.mediaType, "*", "plain")
	}
	return strings.ReplaceAll(c.mediaType, "*", "octet-stream")
}

// examples are those of a content, and then those of its schema.
func (c *content) examples() []any {
	var all []any
	add := func(n node) {
		if n.value != nil {
			all = append(all, n.value)
		}
	}
	add(c.node.raw("example"))
	for _, example := range c.node.get("examples").children() {
		add(example.raw("value"))
	}
	schema := c.node.get("schema")
	add(schema.raw("example"))
	for _, example := range schema.raw("examples").children() {
		add(example)
	}
	return all
}

// encode writes a value as a body, if the body is what the document allows.
func (c *content) encode(v any) (text []byte, ok bool) {
	if !c.json {
		s, isText := v.(string)
		if !isText {
			s = "text"
		}
		return []byte(s), true
	}
	text, err := EncodeJSON(v)
	if err != nil {
		return nil, false
	}
	_, problems := c.check(text)
	return text, len(problems) == 0
}

// Encode writes a value as the body of a reply, in the first media type that the document has for its status: as
// JSON, or a text as it is. Bytes are taken as they are in either. It does not check the reply.
func (op *Operation) Encode(status int, value any) (header http.Header, text []byte, err error) {
	r := op.reply(status)
	none := r == nil || len(r.contents) == 0
	switch {
	case none && status < 400 && value != nil:
		return nil, nil, errors.New("the document declares none; give nil")
	case none && value == nil:
		return http.Header{}, nil, nil
	}
	c := &content{mediaType: "application/json", json: true}
	if !none {
		c = r.contents[0]
	}
	header = http.Header{"Content-Type": {c.concrete()}}
	raw, isRaw := value.([]byte)
	plain, isText := value.(string)
	switch {
	case isRaw:
		return header, raw, nil
	case c.json:
		text, err = EncodeJSON(value)
		return header, text, err
	case isText:
		return header, []byte(plain), nil
	}
	return nil, nil, fmt.Errorf("the document declares %s; give a string or bytes", c.mediaType)
}

// EncodeJSON writes a value as JSON, with the characters <, > and & as they are.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
