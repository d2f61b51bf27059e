package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// A level says what a change does to those who use the API through this module.
type level string

// The levels of a change.
const (
	breaks   level = "breaks"
	mayBreak level = "may break"
	harmless level = "harmless"
)

// The origins of a change.
const (
	fromDocument = "document" // the candidate by itself differs from the vendored document
	fromOverlay  = "overlay"  // only in what the overlay adds or alters
)

// A change is one difference between two documents.
type change struct {
	Level  level  `json:"level"`
	Text   string `json:"text"`
	Origin string `json:"origin"`
	ID     string `json:"id"` // oasdiff's name for this kind of change

	operation string // "GET /path", empty for the document as a whole
}

// An operationChange is what changed in one operation.
type operationChange struct {
	Operation string   `json:"operation"` // "GET /path"
	ID        string   `json:"operationId,omitempty"`
	State     string   `json:"state"`             // added, removed, changed, or wording
	Adopted   bool     `json:"adopted,omitempty"` // it was the overlay's, and is now the document's
	Changes   []change `json:"changes,omitempty"`
}

// The states of an operation.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
	wording = "wording" // only what no program sees: descriptions, examples, extensions
)

// changeSet is everything that changed between two documents.
type changeSet struct {
	Operations []operationChange `json:"operations,omitempty"`
	General    []change          `json:"general,omitempty"` // servers, security, components
	Hidden     []change          `json:"hidden,omitempty"`  // in the document, but the overlay says otherwise
	Wording    bool              `json:"wording,omitempty"` // the document's head, or what no operation uses
}

// count returns how many changes have the level.
func (s *changeSet) count(l level) int {
	n := 0
	for _, op := range s.Operations {
		n += len(slices.DeleteFunc(slices.Clone(op.Changes), func(c change) bool { return c.Level != l }))
	}
	for _, c := range s.General {
		if c.Level == l {
			n++
		}
	}
	return n
}

func (s *changeSet) empty() bool {
	return len(s.Operations)+len(s.General)+len(s.Hidden) == 0 && !s.Wording
}

// severity is where a client judges otherwise than oasdiff does by default.
var severity = map[string]checker.Level{
	// The client hands on enum values that it does not know.
	checker.ResponsePropertyEnumValueAddedId:  checker.INFO,
	checker.ResponseMediaTypeEnumValueAddedId: checker.INFO,
	// A field that callers read and that never comes again.
	checker.ResponseOptionalPropertyRemovedId: checker.WARN,
}

// compare returns what changed from one merged document to another. The same comparison of the documents
// without overlay tells which changes come from them.
func compare(vendored, candidate, mergedBefore, mergedAfter *openapi3.T) (*changeSet, error) {
	bare, err := differences(vendored, candidate)
	if err != nil {
		return nil, err
	}
	merged, err := differences(mergedBefore, mergedAfter)
	if err != nil {
		return nil, err
	}
	set := &changeSet{}
	byOperation := map[string]*operationChange{}
	operation := func(name, state string) *operationChange {
		if byOperation[name] == nil {
			byOperation[name] = &operationChange{Operation: name, State: state, Adopted: bare.added(name) && !merged.added(name)}
		}
		return byOperation[name]
	}
	for _, c := range merged.changes {
		c.Origin = fromOverlay
		if bare.has(c) {
			c.Origin = fromDocument
		}
		if c.operation == "" {
			set.General = append(set.General, c)
			continue
		}
		op := operation(c.operation, stateAfter(c))
		if op.Adopted {
			c.Origin = fromDocument
		}
		op.Changes = append(op.Changes, c)
	}
	for _, name := range merged.modified {
		operation(name, wording)
	}
	for _, c := range bare.changes {
		if !merged.has(c) && c.ID != checker.EndpointAddedId {
			c.Origin = fromDocument
			set.Hidden = append(set.Hidden, c)
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(byOperation), byPath) {
		op := byOperation[name]
		op.ID = cmp.Or(operationID(mergedAfter, name), operationID(mergedBefore, name))
		slices.SortStableFunc(op.Changes, func(a, b change) int { return cmp.Compare(rank(a.Level), rank(b.Level)) })
		set.Operations = append(set.Operations, *op)
	}
	set.Wording = !merged.same && len(set.Operations)+len(set.General) == 0
	return set, nil
}

// byPath orders operations by path, then by method.
func byPath(a, b string) int {
	methodA, pathA, _ := strings.Cut(a, " ")
	methodB, pathB, _ := strings.Cut(b, " ")
	return cmp.Or(cmp.Compare(pathA, pathB), cmp.Compare(methodA, methodB))
}

// stateAfter tells what a change does to its operation.
func stateAfter(c change) string {
	switch {
	case c.ID == checker.EndpointAddedId:
		return added
	case strings.HasPrefix(c.ID, "api-removed-"), strings.HasPrefix(c.ID, "api-path-removed-"):
		return removed
	default:
		return changed
	}
}

func rank(l level) int { return slices.Index([]level{breaks, mayBreak, harmless}, l) }

func operationID(doc *openapi3.T, name string) string {
	method, path, _ := strings.Cut(name, " ")
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		return ""
	}
	return item.GetOperation(method).OperationID
}

// comparison is what oasdiff says about two documents.
type comparison struct {
	changes  []change
	modified []string // operations with any difference at all
	same     bool
}

func (c *comparison) has(wanted change) bool {
	return slices.ContainsFunc(c.changes, func(other change) bool {
		return other.operation == wanted.operation && other.ID == wanted.ID && other.Text == wanted.Text
	})
}

// added tells whether the operation is in the second document only.
func (c *comparison) added(operation string) bool {
	return slices.ContainsFunc(c.changes, func(other change) bool {
		return other.operation == operation && other.ID == checker.EndpointAddedId
	})
}

// differences runs oasdiff. It reads documents that nobody has seen before, so a panic is an error here.
func differences(before, after *openapi3.T) (result *comparison, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, fmt.Errorf("oasdiff panics on this document: %v", p)
		}
	}()
	d, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(),
		&load.SpecInfo{Url: "before", Spec: before}, &load.SpecInfo{Url: "after", Spec: after})
	if err != nil {
		return nil, fmt.Errorf("compare the documents: %w", err)
	}
	if d.Empty() {
		return &comparison{same: true}, nil
	}
	result = &comparison{}
	config := checker.NewConfig(checker.GetAllChecks(), checker.WithSeverityLevels(severity))
	localize := checker.NewDefaultLocalizer()
	for _, found := range checker.CheckBackwardCompatibilityUntilLevel(config, d, sources, checker.INFO) {
		c := change{Level: levelOf(found.GetLevel()), ID: found.GetId(), Text: oneSpaced(found.GetUncolorizedText(localize))}
		if found.GetPath() != "" {
			c.operation = found.GetOperation() + " " + found.GetPath()
		}
		result.changes = append(result.changes, c)
	}
	result.changes = append(result.changes, serverChanges(d.ServersDiff)...)
	if d.PathsDiff != nil {
		for path, item := range d.PathsDiff.Modified {
			if item.OperationsDiff == nil {
				continue
			}
			for method := range item.OperationsDiff.Modified {
				result.modified = append(result.modified, method+" "+path)
			}
		}
	}
	return result, nil
}

// serverChanges names what oasdiff has no check for: the address that every call goes to.
func serverChanges(d *diff.ServersDiff) []change {
	if d == nil {
		return nil
	}
	var changes []change
	for _, url := range d.Deleted {
		changes = append(changes, change{Level: mayBreak, ID: "server-removed", Text: "removed the server " + url})
	}
	for _, url := range d.Added {
		changes = append(changes, change{Level: harmless, ID: "server-added", Text: "added the server " + url})
	}
	return changes
}

func levelOf(l checker.Level) level {
	switch l {
	case checker.ERR:
		return breaks
	case checker.WARN:
		return mayBreak
	default:
		return harmless
	}
}

func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }
