package instance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Instance is a value that was made for a schema. Its numbers are [json.Number] towards everyone else.
type Instance struct {
	Value any

	marks  []Mark
	zero   map[string]bool // pointers of properties that are zero in Go …
	silent map[string]bool // … and optional: a Go value may leave them out
}

func newInstance(v any) *Instance {
	return &Instance{Value: v, zero: map[string]bool{}, silent: map[string]bool{}}
}

// At is the part of the value at a JSON pointer, as an instance of its own. ok is false when there is none.
func (i *Instance) At(pointer string) (part *Instance, ok bool) {
	v := i.Value
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch container := v.(type) {
		case map[string]any:
			if v, ok = container[unescape(token)]; !ok {
				return nil, false
			}
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(container) {
				return nil, false
			}
			v = container[n]
		default:
			return nil, false
		}
	}
	part = newInstance(v)
	for at := range i.silent {
		if rest, ok := strings.CutPrefix(at, pointer); ok {
			part.silent[rest] = true
		}
	}
	return part, true
}

func unescape(token string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(token) }

// Text is the string at a JSON pointer; "" when there is none.
func (i *Instance) Text(pointer string) string {
	part, ok := i.At(pointer)
	if !ok {
		return ""
	}
	text, _ := part.Value.(string)
	return text
}

// number is a JSON number as text. zero says that Go's zero value stands for it.
type number struct {
	text string
	zero bool
}

func (n number) MarshalJSON() ([]byte, error) { return []byte(n.text), nil }

// JSON is the value as text.
func (i *Instance) JSON() []byte {
	text, err := json.Marshal(i.Value)
	if err != nil {
		panic(err) // the generator makes nothing that JSON cannot write
	}
	return text
}

// Plain is the value as a decoder with json.Number would read it.
func Plain(v any) any {
	switch v := v.(type) {
	case number:
		return json.Number(v.text)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, inner := range v {
			object[name] = Plain(inner)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = Plain(inner)
		}
		return list
	}
	return v
}

// normal turns a value out of a document into one of the generator's.
func normal(v any) any {
	switch v := v.(type) {
	case string, bool, nil:
		return v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(dead("the document holds a value that is not JSON"))
		}
		decoded, err := Decode(text)
		if err != nil {
			panic(dead(err.Error()))
		}
		if n, ok := decoded.(json.Number); ok {
			return number{string(n), n == "0"}
		}
		return decoded
	}
}

// Decode reads one JSON value with its numbers as they stand.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON value")
	}
	return v, nil
}

// Diff compares the value with what came out at the other end, and says for each difference where it lies.
// They must be equal, numbers digit for digit. Only two things may be missing, because the generated types
// are plain values which are absent when zero, and pointers where null is allowed:
//
//   - an optional property that was null: null and absent both say that there is nothing, and a nil pointer
//     is what both decode to. (A required one must come out as null.)
//   - an optional property that may not be null and was zero: "", false, 0, or an object with nothing but
//     zeros in it. A plain Go field is zero for both. (A required one must come out, and so must a zero
//     where null is allowed too, and an empty list or map.)
func (i *Instance) Diff(text []byte) []string {
	got, err := Decode(text)
	if err != nil {
		return []string{fmt.Sprintf("is not JSON: %v", err)}
	}
	var differences []string
	i.diff("", Plain(i.Value), got, &differences)
	return differences
}

// MayMiss reports whether the property at a JSON pointer is one of those that Diff does not miss.
func (i *Instance) MayMiss(pointer string) bool { return i.silent[pointer] }

func (i *Instance) diff(at string, want, got any, out *[]string) {
	wantObject, ok1 := want.(map[string]any)
	gotObject, ok2 := got.(map[string]any)
	if ok1 && ok2 {
		i.diffObjects(at, wantObject, gotObject, out)
		return
	}
	wantList, ok1 := want.([]any)
	gotList, ok2 := got.([]any)
	if ok1 && ok2 && len(wantList) == len(gotList) {
		for n := range wantList {
			i.diff(fmt.Sprintf("%s/%d", at, n), wantList[n], gotList[n], out)
		}
		return
	}
	if !equal(want, got) {
		*out = append(*out, fmt.Sprintf("%s: %s was sent, %s came out", at, short(want), short(got)))
	}
}

func (i *Instance) diffObjects(at string, want, got map[string]any, out *[]string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		inner := at + "/" + escape(name)
		v, ok := got[name]
		switch {
		case ok:
			i.diff(inner, want[name], v, out)
		case !i.MayMiss(inner):
			*out = append(*out, fmt.Sprintf("%s: %s was sent, and is lost", inner, short(want[name])))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			*out = append(*out, fmt.Sprintf("%s/%s: nobody sent it, but %s came out", at, escape(name), short(got[name])))
		}
	}
}

func equal(a, b any) bool {
	switch a.(type) {
	case map[string]any, []any:
		return false // two of a kind were taken apart before
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}

func short(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	if len(text) > 120 {
		return string(text[:120]) + "…"
	}
	return string(text)
}
