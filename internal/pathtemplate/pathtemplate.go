// Package pathtemplate matches the paths of requests with the path templates of an OpenAPI document, such as
// /clients/{id} and /files/{name}.json, and says which of several templates is the most specific.
package pathtemplate

import (
	"cmp"
	"net/url"
	"strings"
)

// Match says whether an escaped path, as url.URL.EscapedPath gives it, is one of a path template, and returns
// the values of the template's parameters, in their order and still escaped. A value is never empty and never
// holds a slash. Literal text matches however it is escaped, but for the slash: %2F belongs to a value.
func Match(template, escapedPath string) (values []string, ok bool) {
	return match(template, escapedPath, nil)
}

func match(template, path string, values []string) ([]string, bool) {
	literal, rest, param := strings.Cut(template, "{")
	path, ok := cutLiteral(path, literal)
	switch {
	case !ok, !param && path != "":
		return nil, false
	case !param:
		return values, true
	}
	if _, rest, ok = strings.Cut(rest, "}"); !ok {
		return nil, false // a brace that nothing closes
	}
	end := strings.IndexByte(path, '/')
	if end < 0 {
		end = len(path)
	}
	for ; end > 0; end-- { // the value is as long as what follows it allows
		if cutsEscape(path, end) {
			continue
		}
		if all, ok := match(rest, path[end:], append(values, path[:end])); ok {
			return all, true
		}
	}
	return nil, false
}

// cutLiteral removes the text of a template from the beginning of a path.
func cutLiteral(path, literal string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(path, literal); ok || !strings.Contains(path, "%") && !strings.Contains(literal, "%") {
		return rest, ok
	}
	for literal != "" {
		want, n := next(literal)
		got, m := next(path)
		if m == 0 || got != want || got == '/' && n != m {
			return "", false
		}
		literal, path = literal[n:], path[m:]
	}
	return path, true
}

// next is the first byte of a text, unescaped, and how much of the text stands for it.
func next(s string) (b byte, size int) {
	if s == "" {
		return 0, 0
	}
	if s[0] == '%' && len(s) >= 3 {
		if text, err := url.PathUnescape(s[:3]); err == nil {
			return text[0], 3
		}
	}
	return s[0], 1
}

// cutsEscape says whether a path that is cut at an index would lose part of an escape such as %3A.
func cutsEscape(path string, at int) bool {
	return at < len(path) && (path[at-1] == '%' || at >= 2 && path[at-2] == '%')
}

// Compare orders path templates, the most specific first: by the number of their parameters, then by how much
// literal text they have, then by their text. It is zero for equal templates only.
func Compare(a, b string) int {
	paramsA, literalA := weigh(a)
	paramsB, literalB := weigh(b)
	return cmp.Or(cmp.Compare(paramsA, paramsB), cmp.Compare(literalB, literalA), cmp.Compare(a, b))
}

func weigh(template string) (params, literal int) {
	values, _ := Match(template, template) // the parameters, with their braces
	return len(values), len(template) - len(strings.Join(values, ""))
}
