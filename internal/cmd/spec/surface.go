package main

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A surface is what changed in the exported names of the public packages, as in "./wrapper.Client: removed".
type surface struct{ Incompatible, Compatible []string }

// publicFolders hold the public packages. What is internal below them apidiff leaves out by itself.
var publicFolders = []string{"wrapper", "api"}

// export compiles the public packages of the repository and notes what they export.
func (t *trial) export(ctx context.Context) error {
	for _, name := range publicFolders {
		if _, err := t.tool(ctx, t.repo, "apidiff", "-m", "-w", filepath.Join(t.temporary, name), modulePath+"/"+name); err != nil {
			return err
		}
	}
	return nil
}

// changedSince compares the public packages of a folder with what was exported. Those that do not compile are left out: the
// compiler says more about them.
func (t *trial) changedSince(ctx context.Context, dir string) (s surface, err error) {
	for _, name := range publicFolders {
		output, err := t.tool(ctx, dir, "apidiff", "-m", filepath.Join(t.temporary, name), modulePath+"/"+name)
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		if err == nil {
			incompatible, compatible, _ := strings.Cut(output, "Compatible changes:\n")
			s.Incompatible = append(s.Incompatible, messages(incompatible)...)
			s.Compatible = append(s.Compatible, messages(compatible)...)
		}
	}
	return s, nil
}

// methodAdded matches what is no break here: the interfaces of the generated client grow with every operation. embedding
// matches the part of such a message that repeats it for each type which embeds the interface.
var (
	methodAdded = regexp.MustCompile(`^\./api\.(ClientInterface|ClientWithResponsesInterface)\.\w+: added$`)
	embedding   = regexp.MustCompile(`, method set of [^:]+:`)
)

// messages lists what apidiff says, each once.
func messages(output string) (all []string) {
	for line := range strings.Lines(output) {
		message, ok := strings.CutPrefix(embedding.ReplaceAllString(strings.TrimSpace(line), ":"), "- ")
		if ok && !methodAdded.MatchString(message) && !slices.Contains(all, message) {
			all = append(all, message)
		}
	}
	return all
}
