package main

import "regexp"

// hints tell what to do about what the generator and the compiler commonly say of a new document. All of
// it is done in the overlay; the document stays as it came.
var hints = []struct {
	when *regexp.Regexp
	then string
}{
	{
		regexp.MustCompile(`(?m)^\s*api/client\.gen\.go:.*invalid recursive type`),
		"a schema contains itself, and a Go struct cannot: in " + overlayFile + ", give an optional property of the circle x-go-type-skip-optional-pointer: false",
	},
	{
		regexp.MustCompile(`(?m)^\s*api/client\.gen\.go:.*(redeclared|already declared|duplicate method)`),
		"two names become one in Go: in " + overlayFile + ", give an operation another operationId, or a schema, property or parameter an x-go-name",
	},
	{
		regexp.MustCompile(`unhandled Schema type`),
		"the generator has no Go type for a list of types: in " + overlayFile + ", give that schema an x-go-type, as json.RawMessage",
	},
	{
		regexp.MustCompile(`name .* may not contain a|value .* may not contain a`),
		"the generator refuses a name that cannot stand in Go source: in " + overlayFile + ", remove it, or ask Portal to rename it",
	},
}

// advice returns what to do about an output.
func advice(output string) []string {
	var lines []string
	for _, h := range hints {
		if h.when.MatchString(output) {
			lines = append(lines, h.then)
		}
	}
	return lines
}
