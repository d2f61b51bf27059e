package meldwebhook

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

var errNoJSON = errors.New("meldwebhook: not written as JSON, so that no log shows it: use the Raw field")

// String returns the type and the ID of the event.
func (e Event) String() string {
	return fmt.Sprintf("meldwebhook.Event(%s %s)", printable(string(e.Type)), printable(e.ID))
}

// Format writes the type and the ID of the event, whatever the verb.
func (e Event) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.String()) }

// LogValue is the type and the ID of the event.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("type", printable(string(e.Type))), slog.String("id", printable(e.ID)))
}

// MarshalJSON always fails: store Raw.
func (e Event) MarshalJSON() ([]byte, error) { return nil, errNoJSON }

// String returns the size of the payload.
func (p Payload) String() string { return fmt.Sprintf("meldwebhook.Payload(%d bytes)", len(p.Raw)) }

// Format writes the size of the payload, whatever the verb.
func (p Payload) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, p.String()) }

// LogValue is the size of the payload.
func (p Payload) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalJSON always fails: store Raw.
func (p Payload) MarshalJSON() ([]byte, error) { return nil, errNoJSON }

// printable makes a text out of a body fit for a line of a log: without line breaks and control characters, and not
// endless. The types and IDs that Meld sends stay as they are.
func printable(s string) string {
	const longest = 200 // bytes
	if len(s) > longest {
		cut := longest
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}
