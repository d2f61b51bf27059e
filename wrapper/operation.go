package portal

import "strings"

// An operation of the document. The table of all is in operations.gen.go.
type operation struct {
	id     string // the operationId, as in the spec
	method string
	path   string // below the base URL, with {} for each parameter
	index  int    // in operations and parsers; -1 when it is not in the document
}

// operationOf finds the operation that a request calls, by its method and escaped path below the base URL.
// For a request that is not in the document it makes one up.
func operationOf(method, path string) *operation {
	for i := range operations {
		if op := &operations[i]; op.method == method && op.matches(path) {
			return op
		}
	}
	return &operation{index: -1, id: method + " of a path that is not in the document", method: method}
}

func (op *operation) matches(path string) bool { return match(op.path, path) }

// match tries every length for the first parameter, which is never empty and never holds a slash.
func match(pattern, path string) bool {
	literal, rest, more := strings.Cut(pattern, "{}")
	path, ok := strings.CutPrefix(path, literal)
	if !ok || !more {
		return ok && path == ""
	}
	for end := 1; end <= len(path) && path[end-1] != '/'; end++ {
		if match(rest, path[end:]) {
			return true
		}
	}
	return false
}

// escapeColons writes the colons of a path as %3A. The document asks for that in chain IDs (CAIP-2:
// eip155:1), and the generated client sends them raw. It means the same to every server (RFC 3986, 2.1).
func escapeColons(path string) string { return strings.ReplaceAll(path, ":", "%3A") }
