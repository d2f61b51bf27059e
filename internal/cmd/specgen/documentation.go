package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Documentation is the comment of a method: what the document says of the operation, where it is, what is retried.
func (op *operation) Documentation() string {
	paragraphs := []string{op.headline()}
	if text := strings.TrimSpace(op.Description); text != "" {
		paragraphs = append(paragraphs, strings.Split(text, "\n\n")...)
	}
	retried := "It is a write: it is sent again only when it was surely, or by convention, not carried out (no connection, 429, 503 with Retry-After, and once after a 401 if the token source is an [Invalidator]). A lost reply is [ErrOutcomeUnknown]."
	if op.IsRead() {
		retried = "A repeat does no harm: it is sent again on lost connections and replies, 429 and 5xx, and once after a 401 if the token source is an [Invalidator]."
	}
	names := strings.Join(append([]string{op.ID()}, op.Tags...), ", ")
	paragraphs = append(paragraphs, fmt.Sprintf("It calls %s %s (%s). %s", op.Method, op.Template, names, retried))
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
	return comment(paragraphs...)
}

// useInstead finds the sentence that names what to call in place of a deprecated operation.
var useInstead = regexp.MustCompile(`\bUse ([^.]+)\.`)

// headline is the summary as a sentence that begins with the name of the method: "Get balances" becomes "GetBalances
// gets balances."
func (op *operation) headline() string {
	summary := strings.TrimSuffix(strings.Join(strings.Fields(op.Summary), " "), ".")
	if summary == "" {
		return fmt.Sprintf("%s calls %s %s.", op.Name, op.Method, op.Template)
	}
	verb, rest, _ := strings.Cut(summary, " ")
	third := regexp.MustCompile(`\b` + regexp.QuoteMeta(strings.TrimSuffix(strings.ToLower(verb), "y")) + `(s|es|ies)\b`).FindString(verbs)
	if third != "" {
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", op.Name, third, rest)) + "."
	}
	if letters := []rune(summary); len(letters) < 2 || !unicode.IsUpper(letters[1]) { // it does not begin with an abbreviation
		letters[0] = unicode.ToLower(letters[0])
		summary = string(letters)
	}
	return fmt.Sprintf("%s: %s.", op.Name, summary)
}

// verbs are those that summaries begin with. Of other words nobody knows whether they are verbs.
const verbs = "adds approves asks broadcasts builds cancels checks completes confirms creates deletes downloads ejects enters estimates evaluates exits exports fetches finds finishes funds gets lists manages marks prepares quotes reads registers removes replaces reports requests retrieves returns revokes scans searches sends sets simulates starts stores submits transfers updates uploads verifies"

var (
	listItem = regexp.MustCompile(`\n\s*[-*] `)
	fullLine = regexp.MustCompile(`(.{1,113}|\S+)(?: |$)`)
)

// comment wraps paragraphs. The items of a list keep lines of their own.
func comment(paragraphs ...string) (text string) {
	for i, paragraph := range paragraphs {
		if i > 0 {
			text += "//\n"
		}
		for j, part := range listItem.Split("\n"+paragraph, -1) {
			if part = strings.Join(strings.Fields(part), " "); j > 0 {
				text += "//   - " + part + "\n"
			} else {
				text += fullLine.ReplaceAllString(part, "// $1\n")
			}
		}
	}
	return text
}
