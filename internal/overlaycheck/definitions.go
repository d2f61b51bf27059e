package overlaycheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

// schemaKeywords are those that say what a schema is. Titles, descriptions and extensions only annotate.
var schemaKeywords = []string{"$ref", "type", "enum", "const", "properties", "items", "allOf", "anyOf", "oneOf", "not"}

// definition returns a name for what lies at a location of an update when it is a definition of its own:
// an operation, a component, a response or a property. Anything that only annotates is none.
func definition(at location, value *yaml.Node) (name string, ok bool) {
	n := len(at)
	switch {
	case value.Kind != yaml.MappingNode || n < 3:
		return "", false
	case n == 3 && at[0] == "paths" && slices.Contains(methods, at[2]):
		return strings.ToUpper(at[2]) + " " + at[1], child(value, "responses") != nil
	case n == 3 && at[0] == "components" && at[1] == "schemas":
		return "schema " + at[2], isSchema(value)
	case n == 3 && at[0] == "components":
		return strings.TrimSuffix(at[1], "s") + " " + at[2], defines(value)
	case n == 5 && at[0] == "paths" && at[3] == "responses":
		return fmt.Sprintf("response %s of %s %s", at[4], strings.ToUpper(at[2]), at[1]), defines(value)
	case at[n-2] == "properties" && at[n-3] != "properties":
		return "property " + at[n-1] + " of " + at[:n-2].String(), isSchema(value)
	default:
		return "", false
	}
}

func isSchema(value *yaml.Node) bool {
	return slices.ContainsFunc(schemaKeywords, func(key string) bool { return child(value, key) != nil })
}

// defines tells whether a mapping has a key that is no extension.
func defines(value *yaml.Node) bool {
	for i := 0; i < len(value.Content); i += 2 {
		if !strings.HasPrefix(value.Content[i].Value, "x-") {
			return true
		}
	}
	return false
}

// definitions looks at everything that an update brings to a location, and takes out of it, and reports,
// each definition that the document has by itself.
func (c *checker) definitions(i int, at location, update *yaml.Node) (misfit bool) {
	if update.Kind != yaml.MappingNode {
		return false
	}
	for j := 0; j+1 < len(update.Content); {
		key, value := update.Content[j].Value, update.Content[j+1]
		where := at.child(key)
		name, ok := definition(where, value)
		var found *Finding
		switch {
		case !ok && c.definitions(i, where, value):
			misfit = true
			if len(value.Content) == 0 { // nothing is left below
				removeKey(update, key)
				continue
			}
		case ok:
			found = c.clash(name, where, value)
		}
		if found != nil {
			c.report(i, *found)
			removeKey(update, key)
			misfit = true
			continue
		}
		if ok && where[0] == "components" && len(where) == 3 {
			c.brought = append(c.brought, broughtComponent{i, where})
		}
		j += 2
	}
	return misfit
}

// clash returns a finding when the document has the definition by itself, at that place or elsewhere.
func (c *checker) clash(name string, at location, ours *yaml.Node) *Finding {
	if theirs := lookup(c.own, at); theirs != nil {
		f := &Finding{Kind: MergesInto, What: name, Misfit: true,
			Detail: describe(differences(ours, theirs, location{})),
			Advice: fmt.Sprintf("delete %s from the action's update (the action itself, if that is all of it) and let the document speak; "+
				"to change what the document says, target it directly: %s", at[len(at)-1], at.jsonPath())}
		return f
	}
	if len(at) == 3 && at[0] == "paths" {
		return c.operationElsewhere(name, at, ours)
	}
	return nil
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// operationElsewhere finds the same operation under another path: by its ID, or by a path that differs
// only in the names of its parameters.
func (c *checker) operationElsewhere(name string, at location, ours *yaml.Node) *Finding {
	paths := lookup(c.own, location{"paths"})
	if paths == nil {
		return nil
	}
	id := ""
	if n := child(ours, "operationId"); n != nil {
		id = n.Value
	}
	for i := 0; i+1 < len(paths.Content); i += 2 {
		path, item := paths.Content[i].Value, paths.Content[i+1]
		for _, method := range methods {
			op := child(item, method)
			if op == nil {
				continue
			}
			theirs := child(op, "operationId")
			sameID := id != "" && theirs != nil && theirs.Value == id
			samePath := method == at[2] && pathParameter.ReplaceAllString(path, "{}") == pathParameter.ReplaceAllString(at[1], "{}")
			if !sameID && !samePath {
				continue
			}
			return &Finding{Kind: SameElsewhere, What: name, Misfit: true,
				Detail: fmt.Sprintf("the document has it as %s %s\n%s", strings.ToUpper(method), path,
					describe(differences(ours, op, location{}))),
				Advice: fmt.Sprintf("delete %s from the action's update (the action itself, if that is all of it) and let the document speak", at[2])}
		}
	}
	return nil
}

// describe shows the first few differences.
func describe(differences []string) string {
	const shown = 6
	switch n := len(differences); {
	case n == 0:
		return "none but wording, the document defines it so, too"
	case n > shown:
		return strings.Join(differences[:shown], "\n") + fmt.Sprintf("\nand %d more", n-shown)
	default:
		return strings.Join(differences, "\n")
	}
}
