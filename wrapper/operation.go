package portal

import (
	"net/http"
	"strings"
)

//go:generate go run ../internal/cmd/specgen -operations operations.gen.go

// An operation of the document. The table of all is in operations.gen.go.
type operation struct {
	id     string // the operationId, as in the spec
	method string
	path   string // below the base URL, with {} for each parameter
	parse  func(*http.Response) (any, error)
}

// operationOf finds the operation that a request calls, by its method and escaped path below the base URL.
// For a request that is not in the document it returns one without a parser.
func operationOf(method, path string) *operation {
	for i := range operations {
		if op := &operations[i]; op.method == method && op.matches(path) {
			return op
		}
	}
	return &operation{id: method + " of a path that is not in the document", method: method}
}

func (op *operation) matches(path string) bool {
	pattern := op.path
	for {
		literal, rest, more := strings.Cut(pattern, "{}")
		if !strings.HasPrefix(path, literal) {
			return false
		}
		path = path[len(literal):]
		if !more {
			return path == ""
		}
		end := strings.IndexByte(path, '/')
		if end < 0 {
			end = len(path)
		}
		if rest != "" && rest[0] != '/' {
			end = strings.IndexByte(path[:end], rest[0])
		}
		if end <= 0 { // a parameter is never empty
			return false
		}
		path, pattern = path[end:], rest
	}
}

// escapeColons writes the colons of a path as %3A. The document asks for that in chain IDs (CAIP-2:
// eip155:1), and the generated client sends them raw. It means the same to every server (RFC 3986, 2.1).
func escapeColons(path string) string { return strings.ReplaceAll(path, ":", "%3A") }
