package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Names that the generated client declares itself, as types and as what stands for an operation.
var (
	takenTypes      = []string{"Client", "ClientInterface", "ClientWithResponses", "ClientOption", "RequestEditorFn", "HttpRequestDoer"}
	takenOperations = []string{"client", "server"}
)

// check looks at the merged document for what the generator would make code of that does not compile, and
// for additions that do not say what everything else is derived from.
func (s *Sources) check(merged *yaml.Node) error {
	var problems []error
	for kind, group := range pairs(get(merged, "components")) {
		for name, component := range pairs(group) {
			taken := slices.ContainsFunc(takenTypes, func(t string) bool { return strings.EqualFold(t, name.Value) })
			if taken && get(component, "x-go-name") == nil && !slices.Contains([]string{"securitySchemes", "examples", "links", "callbacks"}, kind.Value) {
				problems = append(problems, fmt.Errorf("the component %s/%s would be a type of a name that the generated client has itself: name it otherwise, with x-go-name in overlay.yaml", kind.Value, name.Value))
			}
		}
	}
	for template, item := range pairs(get(merged, "paths")) {
		for method, op := range pairs(item) {
			if !slices.Contains(methods, method.Value) {
				continue
			}
			for _, problem := range checkOperation(merged, method.Value, op) {
				where := strings.ToUpper(method.Value) + " " + template.Value
				if file := get(op, "x-portal-addition"); file != nil {
					where = file.Value + ": " + where
				}
				problems = append(problems, fmt.Errorf("%s: %s", where, problem))
			}
		}
	}
	return errors.Join(problems...)
}

func checkOperation(merged *yaml.Node, method string, op *yaml.Node) (problems []string) {
	if id := get(op, "operationId"); id != nil && slices.ContainsFunc(takenOperations, func(t string) bool { return strings.EqualFold(t, id.Value) }) {
		problems = append(problems, "the operationId "+id.Value+" would make names that the generated client has itself: give the operation another operationId, in overlay.yaml if the document is not ours")
	}
	added := get(op, "x-portal-addition") != nil
	switch effect := get(op, "x-portal-effect"); {
	case effect != nil && effect.Value != "read" && effect.Value != "write":
		problems = append(problems, "x-portal-effect is neither read nor write")
	case added && effect == nil && slices.Contains([]string{"post", "put", "patch", "delete"}, method):
		problems = append(problems, "say with x-portal-effect: read or write whether a repeat of it changes anything")
	}
	if p := get(op, "x-portal-provenance"); added && (p == nil || p.Value == "" && len(p.Content) == 0) {
		problems = append(problems, "say in x-portal-provenance where each part of it comes from")
	}
	if added && !hasExample(merged, op) {
		problems = append(problems, "give its request or its answer an example")
	}
	return problems
}

// hasExample tells whether the body of the request or of a success has an example. An operation without
// such a body needs none.
func hasExample(merged, op *yaml.Node) bool {
	bodies := []*yaml.Node{get(op, "requestBody")}
	for status, response := range pairs(get(op, "responses")) {
		if strings.HasPrefix(status.Value, "2") {
			bodies = append(bodies, response)
		}
	}
	needed := false
	for _, body := range bodies {
		for _, media := range pairs(get(resolve(merged, body), "content")) {
			if get(media, "example") != nil || get(media, "examples") != nil {
				return true
			}
			needed = true
		}
	}
	return !needed
}

// resolve follows local references.
func resolve(merged, n *yaml.Node) *yaml.Node {
	for range 100 { // a reference may lead back to itself
		ref := get(n, "$ref")
		if ref == nil || ref.Kind != yaml.ScalarNode {
			return n
		}
		n = (&document{root: merged}).lookup(strings.TrimPrefix(ref.Value, "#"))
	}
	return nil
}
