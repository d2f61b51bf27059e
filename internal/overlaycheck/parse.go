package overlaycheck

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// maxNodes bounds what the aliases of a document may grow to. The largest public documents have about a
// million nodes.
const maxNodes = 5_000_000

func parseDocument(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("the document is not YAML: %w", err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the document is not a YAML mapping")
	}
	budget := maxNodes
	return expand(&doc, map[*yaml.Node]bool{}, &budget)
}

// expand copies a tree and puts what aliases stand for in their place: the overlay library follows none,
// and does not come back from one that contains itself.
func expand(n *yaml.Node, above map[*yaml.Node]bool, budget *int) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if above[n] {
		return nil, fmt.Errorf("the document is not a tree: the anchor in line %d contains itself", n.Line)
	}
	if *budget--; *budget < 0 {
		return nil, errors.New("the document is too large once its aliases are expanded")
	}
	above[n] = true
	defer delete(above, n)
	c := *n
	c.Anchor = ""
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		var err error
		if c.Content[i], err = expand(item, above, budget); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

func parseOverlay(text []byte) (*overlay.Overlay, error) {
	o, err := overlay.ParseReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the overlay: %w", err)
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("the overlay is not valid: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return o, nil
}
