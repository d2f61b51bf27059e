package main

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A surface is the exported names of the public packages, as files of export data by import path.
type surface map[string]string

// surface compiles the public packages in a folder and puts their export data into another.
func (run goCommand) surface(ctx context.Context, dir, to string) (surface, error) {
	s := surface{}
	names, err := run(ctx, dir, "list", "./api", "./wrapper/...")
	for name := range strings.FieldsSeq(names) {
		if strings.Contains(name, "/internal/") {
			continue
		}
		s[name] = filepath.Join(to, strings.ReplaceAll(name, "/", "_"))
		if _, err := run.tool(ctx, dir, "apidiff", "-w", s[name], name); err != nil {
			return nil, err
		}
	}
	return s, err
}

// A packageChange is what changed in the exported names of one package.
type packageChange struct {
	Package                  string // below the module, as in "wrapper"
	Incompatible, Compatible []string
}

// methodAdded matches what is no break here: the interfaces of the generated client grow with every operation. embedding
// matches the part of such a message that repeats it for each type which embeds the interface.
var (
	methodAdded = regexp.MustCompile(`^(ClientInterface|ClientWithResponsesInterface)\.\w+: added$`)
	embedding   = regexp.MustCompile(`, method set of [^:]+:`)
)

// changedSince returns the packages in a folder whose exported names are others than before. Packages that do not
// compile are left out: the compiler says more about them.
func (run goCommand) changedSince(ctx context.Context, dir string, before surface) (result []packageChange, err error) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		output, err := run.tool(ctx, dir, "apidiff", before[name], name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		c := packageChange{Package: strings.TrimPrefix(name, modulePath+"/")}
		seen, incompatible := map[string]bool{}, true
		for line := range strings.Lines(output) {
			incompatible = incompatible && !strings.HasPrefix(line, "Compatible changes:")
			message, ok := strings.CutPrefix(embedding.ReplaceAllString(strings.TrimSpace(line), ":"), "- ")
			switch {
			case !ok || seen[message]:
			case incompatible && !(c.Package == "api" && methodAdded.MatchString(message)):
				c.Incompatible = append(c.Incompatible, message)
			default:
				c.Compatible = append(c.Compatible, message)
			}
			seen[message] = true
		}
		if len(c.Incompatible)+len(c.Compatible) > 0 {
			result = append(result, c)
		}
	}
	return result, nil
}
