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
)

// severities is where a client judges otherwise than oasdiff does by default: it hands on enum values that it does not
// know, and callers miss a field that never comes again.
const severities = `response-property-enum-value-added info
response-mediatype-enum-value-added info
response-optional-property-removed warn
`

// classify asks oasdiff about each change by itself: it is given two documents in which each change has an operation of
// its own, as it was and with nothing but that change. What oasdiff has no rule for may break. An error means that
// oasdiff could not tell; then nothing is harmless.
func (run goCommand) classify(ctx context.Context, repo string, before, after object, changes []*change) error {
	was, is := newDocumentOf(before, after), newDocumentOf(before, after)
	for i, c := range changes {
		if c.way != nil {
			path, method := fmt.Sprintf("/%d%s", i, c.was.path), strings.ToLower(c.was.method)
			op := maps.Clone(c.was.node)
			delete(op, "operationId")
			was.paths[path] = object{method: was.route(op, c.way, c.from, copyOf(i))}
			is.paths[path] = object{method: is.route(op, c.way, c.to, copyOf(i))}
		}
	}
	if len(was.paths) == 0 {
		return nil
	}
	verdicts, err := run.oasdiff(ctx, repo, was, is)
	if err != nil {
		return err
	}
	told := map[*change]bool{}
	for _, v := range verdicts {
		var i int
		if n, _ := fmt.Sscanf(v.Path, "/%d/", &i); n != 1 || i >= len(changes) {
			continue
		}
		c, l := changes[i], level(v.Level-1)
		if !told[c] || l > c.Level {
			c.Level, c.Texts = l, nil
		}
		told[c] = true
		sentence := strings.Join(strings.Fields(strings.ReplaceAll(v.Text, copyOf(i), "")), " ")
		if l == c.Level && !slices.Contains(c.Texts, sentence) {
			c.Texts = append(c.Texts, sentence)
		}
	}
	return nil
}

// copyOf is the end of the names of components that were copied for one change.
func copyOf(i int) string { return fmt.Sprintf("..%d", i) }

// A documentOf is a document made for oasdiff.
type documentOf struct {
	tree       object // what references refer to
	paths      object
	components object
}

// newDocumentOf makes a document with the components as they were, and those that are new.
func newDocumentOf(before, after object) *documentOf {
	d := &documentOf{before, object{}, object{}}
	for _, from := range []object{after, before} {
		for kind := range get[object](from, "components") {
			d.components[kind] = with(get[object](d.components, kind), get[object](get[object](from, "components"), kind))
		}
	}
	return d
}

// with returns an object, made if it is nil, with the members of another.
func with(node, other object) object {
	result := object{}
	maps.Copy(result, node)
	maps.Copy(result, other)
	return result
}

// route returns a value in which what the way leads to is another. Components that the way goes through are copied, so
// that the change concerns nothing else.
func (d *documentOf) route(value any, way []any, to any, copied string) any {
	if len(way) == 0 {
		return to
	}
	gone := len(way) == 1 && to == absent{}
	if key, ok := way[0].(string); ok {
		node, _ := value.(object)
		ref := get[string](node, "$ref")
		kind, name, ok := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
		if target := lookUp(d.tree, ref); ok && target != nil && !strings.Contains(name, "/") && node[key] == nil {
			get[object](d.components, kind)[name+copied] = d.route(target, way, to, copied)
			return with(node, object{"$ref": ref + copied})
		}
		node, _ = resolve(d.tree, node)
		result := with(node, object{key: d.route(valueOf(node, key), way[1:], to, copied)})
		if gone {
			delete(result, key)
		}
		return result
	}
	items, _ := value.([]any)
	items = slices.Clone(items)
	switch i, _ := way[0].(int); {
	case i < 0 && gone:
	case i < 0:
		items = append(items, to)
	case gone:
		items = slices.Delete(items, i, i+1)
	default:
		items[i] = d.route(items[i], way[1:], to, copied)
	}
	return items
}

// A verdict is one sentence of oasdiff; the level is 1 for information, 2 for a warning, 3 for an error.
type verdict struct {
	Text  string
	Level int
	Path  string
}

func (run goCommand) oasdiff(ctx context.Context, repo string, was, is *documentOf) (verdicts []verdict, err error) {
	dir, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder below the temporary one, and nothing can be done about it
	before, after, levels := filepath.Join(dir, "before.json"), filepath.Join(dir, "after.json"), filepath.Join(dir, "levels")
	write := func(name string, d *documentOf) error {
		content, err := json.Marshal(object{"openapi": "3.1.0", "info": object{"title": "changes", "version": "1"},
			"paths": d.paths, "components": d.components})
		return errors.Join(err, os.WriteFile(name, content, 0o600))
	}
	if err := errors.Join(write(before, was), write(after, is), os.WriteFile(levels, []byte(severities), 0o600)); err != nil {
		return nil, err
	}
	output, err := run.tool(ctx, repo, "oasdiff", "changelog", "--format=json", "--allow-external-refs=false",
		"--severity-levels="+levels, before, after)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal([]byte(output), &verdicts)
	return verdicts, err
}
