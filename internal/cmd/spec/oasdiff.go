package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/portalclient/portal-client-go/internal/spec"
)

// severities is where a client judges otherwise than oasdiff does by default: it hands on enum values that it does not
// know, and callers miss a field that never comes again.
const severities = `response-property-enum-value-added info
response-mediatype-enum-value-added info
response-optional-property-removed warn
`

// judge asks oasdiff about each change by itself: it is given two documents in which each change has an operation of its
// own, as it was and with nothing but that change. What oasdiff has no rule for may break. An error means that oasdiff
// could not tell; then nothing is harmless.
func (t *trial) judge(ctx context.Context, before, after spec.Object, changes []*change) error {
	was, is := spec.Object{}, spec.Object{}
	for i, c := range changes {
		if c.was.Node != nil {
			path := fmt.Sprintf("/%d%s", i, c.was.Path)
			was[path], is[path] = pathItem(c.was), pathItem(c.is)
		}
	}
	components := spec.Object{} // as they were, and those that are new
	old, current := spec.Get[spec.Object](before, "components"), spec.Get[spec.Object](after, "components")
	for _, kind := range union(old, current) {
		components[kind] = spec.Union(spec.Get[spec.Object](current, kind), spec.Get[spec.Object](old, kind))
	}
	document := func(paths spec.Object) []byte {
		info := spec.Object{"title": "changes", "version": "1"}
		return []byte(asJSON(spec.Object{"openapi": "3.1.0", "info": info, "paths": paths, "components": components}))
	}
	var verdicts []struct {
		Text, Path string
		Level      int // 1 for information, 2 for a warning, 3 for an error
	}
	levels := filepath.Join(t.temporary, "levels")
	if err := os.WriteFile(levels, []byte(severities), 0o600); err != nil {
		return err
	}
	if err := t.oasdiff(ctx, &verdicts, []string{"changelog", "--severity-levels=" + levels}, document(was), document(is)); err != nil {
		return err
	}
	judged := map[*change]bool{}
	for _, v := range verdicts {
		var i int
		if n, _ := fmt.Sscanf(v.Path, "/%d/", &i); n != 1 || i >= len(changes) {
			continue
		}
		c, l := changes[i], level(v.Level-1)
		if !judged[c] || l > c.Level {
			c.Level, c.Texts = l, nil
		}
		judged[c] = true
		if l == c.Level && !slices.Contains(c.Texts, v.Text) {
			c.Texts = append(c.Texts, v.Text)
		}
	}
	return nil
}

// pathItem is an operation as a document has it. The operationId would be that of several.
func pathItem(op spec.Operation) spec.Object {
	node := with(op.Node, "operationId", absent{})
	node["parameters"] = slices.Collect(maps.Values(spec.Get[spec.Object](node, "parameters")))
	return spec.Object{strings.ToLower(op.Method): node}
}

// oasdiff runs oasdiff on documents, and decodes what it prints. An error is a *commandError if oasdiff could do nothing
// with them.
func (t *trial) oasdiff(ctx context.Context, into any, args []string, documents ...[]byte) error {
	args = append(args, "--format=json", "--allow-external-refs=false")
	for i, document := range documents {
		args = append(args, filepath.Join(t.temporary, fmt.Sprintf("%d.json", i)))
		if err := os.WriteFile(args[len(args)-1], document, 0o600); err != nil {
			return err
		}
	}
	output, err := t.tool(ctx, t.repo, "oasdiff", args...)
	if failed, ok := errors.AsType[*commandError](err); ok && json.Valid([]byte(failed.output)) {
		output, err = failed.output, nil // it found errors
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(output), into)
}
