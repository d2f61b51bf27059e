package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// documentation is the comment of a method: what the document says of the operation, where it is, what is retried.
func (op *operation) documentation() string {
	paragraphs := []string{op.headline()}
	if text := strings.TrimSpace(op.Description); text != "" {
		paragraphs = append(paragraphs, strings.Split(text, "\n\n")...)
	}
	retried := "It is a write: it is sent again only when it was surely, or by convention, not carried out (no connection, 429, 503 with Retry-After, and once after a 401 if the token source is an [Invalidator]). A lost reply is [ErrOutcomeUnknown]."
	if op.isRead() {
		retried = "A repeat does no harm: it is sent again on lost connections and replies, 429 and 5xx, and once after a 401 if the token source is an [Invalidator]."
	}
	paragraphs = append(paragraphs, fmt.Sprintf("It calls %s %s (%s). %s", op.method, op.template, op.name(), retried))
	if _, added := op.Extensions["x-portal-addition"]; added {
		paragraphs = append(paragraphs, "The vendored document does not define this operation: it is known from Portal's public documentation and SDKs.")
	}
	if op.Deprecated {
		advice := "the document marks this operation as deprecated."
		if use := useInstead.FindStringSubmatch(op.Description); use != nil {
			advice = "use " + use[1] + "."
		}
		paragraphs = append(paragraphs, "Deprecated: "+advice)
	}
	var out strings.Builder
	for i, paragraph := range paragraphs {
		if i > 0 {
			out.WriteString("//\n")
		}
		out.WriteString(comment(paragraph))
	}
	return out.String()
}

// useInstead finds the sentence that names what to call in place of a deprecated operation.
var useInstead = regexp.MustCompile(`\bUse ([^.]+)\.`)

func (op *operation) name() string {
	name := op.id()
	if len(op.Tags) > 0 {
		name += ", " + strings.Join(op.Tags, ", ")
	}
	return name
}

// headline is the summary as a sentence that begins with the name of the method: "Get balances" becomes "GetBalances
// gets balances."
func (op *operation) headline() string {
	summary := strings.TrimSuffix(strings.Join(strings.Fields(op.Summary), " "), ".")
	if summary == "" {
		return fmt.Sprintf("%s calls %s %s.", op.builder.name, op.method, op.template)
	}
	verb, rest, _ := strings.Cut(summary, " ")
	if third, ok := thirdPerson(strings.ToLower(verb)); ok {
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", op.builder.name, third, rest)) + "."
	}
	return fmt.Sprintf("%s: %s.", op.builder.name, lowerFirst(summary))
}

// verbs are those that summaries begin with. Of other words nobody knows whether they are verbs.
const verbs = " add approve ask broadcast build check complete create delete eject enter estimate evaluate exit export fetch find fund get list manage mark prepare quote read register remove report request retrieve revoke scan search send set simulate start store submit transfer update verify "

func thirdPerson(verb string) (string, bool) {
	if !strings.Contains(verbs, " "+verb+" ") {
		return "", false
	}
	for _, ending := range []string{"s", "x", "ch", "sh"} {
		if strings.HasSuffix(verb, ending) {
			return verb + "es", true
		}
	}
	if stem, ok := strings.CutSuffix(verb, "fy"); ok {
		return stem + "fies", true
	}
	return verb + "s", true
}

// lowerFirst writes the first letter small, unless the word is an abbreviation.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// comment wraps a paragraph; lists and code keep their lines.
func comment(paragraph string) string {
	const width = 116
	var out strings.Builder
	line := "//"
	flush := func() {
		out.WriteString(line + "\n")
		line = "//"
	}
	for _, text := range strings.Split(strings.TrimSpace(paragraph), "\n") {
		if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "* ") {
			if line != "//" {
				flush()
			}
			out.WriteString("//   " + trimmed + "\n")
			continue
		}
		for _, word := range strings.Fields(text) {
			if line != "//" && len(line)+1+len(word) > width {
				flush()
			}
			line += " " + word
		}
	}
	if line != "//" {
		flush()
	}
	return out.String()
}
