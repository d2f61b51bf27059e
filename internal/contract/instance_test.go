package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/portalclient/portal-client-go/internal/apicheck"
)

// An instance is a value that was made for a schema. Its numbers are [json.Number].
type instance struct {
	Value   any
	MayMiss map[string]bool // pointers of properties that are zero in Go; true: a Go value may leave them out

	marks map[mark]bool
}

// JSON is the value as text.
func (i *instance) JSON() []byte { return text(i.Value) }

func text(v any) []byte {
	encoded, _ := json.Marshal(v) // the builder makes nothing that JSON cannot write
	return encoded
}

// atPointer is what lies in a value at a JSON pointer; nil when nothing does.
func atPointer(v any, pointer string) any {
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch container := v.(type) {
		case object:
			v = container[unescaper.Replace(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(container) {
				return nil
			}
			v = container[i]
		default:
			return nil
		}
	}
	return v
}

// silence notes a property that comes to nothing, a null or the zero of its Go type. It reports whether the
// property is optional too: then Go may not tell it from an absent one (see [instance.Diff]).
func (i *instance) silence(sh *shape, v any, pointer string, required bool) bool {
	zero := i.isZero(sh, v, pointer)
	if zero {
		i.MayMiss[pointer] = !required
	}
	return zero && !required
}

// isZero: a null always; "", false, 0 or an object of zeros only where Go has a plain value for them. Where
// null is another value beside it, that is a pointer; where there are branches, raw JSON.
func (i *instance) isZero(sh *shape, v any, pointer string) bool {
	o, isObject := v.(object)
	switch {
	case v == nil:
		return true
	case sh.null || sh.branches != nil:
		return false
	case v == json.Number("0"): // one that is no integer and no float is text in Go
		return sh.is("integer") || sh.object["format"] != nil
	case !isObject:
		return v == "" || v == false
	}
	for name := range o {
		if _, zero := i.MayMiss[pointer+"/"+escaper.Replace(name)]; !zero {
			return false
		}
	}
	return sh.object["properties"] != nil // a map without them is not nil
}

// Diff compares the part of the value at a JSON pointer with what came out at the other end, and says for each
// difference where it lies. They must be equal, numbers digit for digit. Only an optional property may be missing,
// if it was null, or if it was zero ("", false, 0, an object of zeros) and may not be null: a nil pointer or a plain
// Go field stands for both. A required one must come out, and so must a zero beside a possible null, and an empty
// list or map.
func (i *instance) Diff(pointer string, text []byte) []string {
	got, err := apicheck.DecodeJSON(text)
	if err != nil {
		return []string{fmt.Sprintf("is not JSON: %v", err)}
	}
	return i.diff(pointer, atPointer(i.Value, pointer), got, nil)
}

func (i *instance) diff(at string, want, got any, found []string) []string {
	wantObject, ok1 := want.(object)
	gotObject, ok2 := got.(object)
	wantList, ok3 := want.([]any)
	gotList, ok4 := got.([]any)
	switch {
	case ok1 && ok2:
		names := maps.Clone(wantObject)
		maps.Copy(names, gotObject)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			inner := at + "/" + escaper.Replace(name)
			_, sent := wantObject[name]
			_, came := gotObject[name]
			switch {
			case sent && came:
				found = i.diff(inner, wantObject[name], gotObject[name], found)
			case came:
				found = append(found, fmt.Sprintf("%s: nobody sent it, but %.120s came out", inner, text(gotObject[name])))
			case !i.MayMiss[inner]:
				found = append(found, fmt.Sprintf("%s: %.120s was sent, and is lost", inner, text(wantObject[name])))
			}
		}
	case ok3 && ok4 && len(wantList) == len(gotList):
		for n := range wantList {
			found = i.diff(fmt.Sprintf("%s/%d", at, n), wantList[n], gotList[n], found)
		}
	case ok1 || ok2 || ok3 || ok4 || want != got:
		found = append(found, fmt.Sprintf("%s: %.120s was sent, %.120s came out", at, text(want), text(got)))
	}
	return found
}
