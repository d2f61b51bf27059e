package apicheck

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
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
	fits := func(v any) bool {
		if text, err = c.encode(v); err != nil {
			return false
		}
		_, problems := c.check(text)
		return len(problems) == 0
	}
	if slices.ContainsFunc(c.examples(), fits) {
		return header, text, nil
	}
	var random [32]byte
	binary.BigEndian.PutUint64(random[:], seed)
	const attempts = 48
	for i := range attempts {
		m := &maker{d: op.document, rand: rand.NewChaCha8(random), rich: i%4 < 2, examples: i%2 == 0, branch: i / 4}
		v := m.value(c.node.raw("schema").value, "text", 0)
		if _, isText := v.(string); !isText && !c.json {
			v = "text"
		}
		if fits(v) {
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
	all := []any{c.node.raw("example").value}
	for _, example := range c.node.get("examples").children() {
		all = append(all, example.raw("value").value)
	}
	schema := c.node.get("schema")
	all = append(append(all, schema.raw("example").value), listOf(schema.raw("examples").value)...)
	return slices.DeleteFunc(all, func(v any) bool { return v == nil })
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
	text, err = c.encode(value)
	return http.Header{"Content-Type": {c.concrete()}}, text, err
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
