package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"gopkg.in/yaml.v3"
)

// writeJSON writes a YAML node as JSON. Numbers keep their digits, and a date is a string, as in JSON.
func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		separator := byte('{')
		for key, value := range pairs(n) {
			if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
				return fmt.Errorf("line %d: a key must be plain text", key.Line)
			}
			out.WriteByte(separator)
			separator = ','
			if err := writeString(out, key.Value); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, value); err != nil {
				return err
			}
		}
		if separator == '{' {
			out.WriteByte('{')
		}
		out.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, child := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, child); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		return writeScalar(out, n)
	}
}

func writeScalar(out *bytes.Buffer, n *yaml.Node) error {
	switch n.ShortTag() {
	case "!!null":
		out.WriteString("null")
	case "!!bool":
		out.WriteString(strings.ToLower(n.Value))
	case "!!int", "!!float":
		number := n.Value
		if !json.Valid([]byte(number)) { // YAML writes numbers in more ways than JSON
			exact, ok := new(big.Float).SetPrec(1024).SetString(number)
			if !ok || exact.IsInf() {
				return fmt.Errorf("line %d: %s is no number in JSON", n.Line, number)
			}
			number = exact.Text('g', -1)
		}
		out.WriteString(number)
	default:
		return writeString(out, n.Value)
	}
	return nil
}

func writeString(out *bytes.Buffer, s string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(s)
	out.Truncate(out.Len() - 1) // the encoder ends with a newline
	return err
}
