package portal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// What the server says of a failed call may repeat what the caller sent: a name, an e-mail address, a token. An
// error shows the server's message only when it repeats nothing of the request, and in doubt it does not.

const (
	maxCompared  = 1 << 20 // bytes of a request; of more than that, nothing the server says is shown
	maxUnescaped = 3       // how many times escapes within escapes are undone
	tellingRun   = 6       // letters and digits in a row that give away a part of a longer value
	shortValue   = 3       // letters and digits; up to here, a value may well be a part of any other word
)

// sentValues are the values of a request that no error may show.
type sentValues struct {
	tokens []string // those of all attempts of the call, and those that came with an error
	values []string // of path, query and header, escaped or not
	body   []byte   // JSON, or nothing
	stream bool     // the body was a stream, of which nothing is left
}

// sent collects what the call sends: its tokens, its path parameters, and what is in the request. Of a sequence, that of
// the calls before it as well.
func (c *call) sent() sentValues {
	sent := sentValues{tokens: c.tokens, values: slices.Clip(c.values), body: c.body, stream: c.req.Body != nil}
	if c.sequence != nil {
		sent.values = append(sent.values, c.sequence.values...)
	}
	for query := c.req.URL.RawQuery; query != ""; {
		var field string
		field, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(field, "=")
		if !isFieldName(name) {
			sent.values = append(sent.values, name)
		}
		sent.values = append(sent.values, value)
	}
	for name, values := range c.req.Header {
		switch http.CanonicalHeaderKey(name) {
		case "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "User-Agent", traceHeader:
			continue // they tell nothing about a person
		case "Authorization":
			for _, value := range values {
				_, credentials, _ := strings.Cut(value, " ")
				sent.tokens = append(slices.Clip(sent.tokens), credentials)
			}
			continue
		}
		sent.values = append(sent.values, values...)
	}
	return sent
}

// mayRepeat reports whether a text may repeat what the call sends. A trace ID in it, the call's or that of another call,
// does not count: it is shown anyway, and its digits may be those of a date by chance.
func (c *call) mayRepeat(text, other string) bool {
	for _, trace := range [...]string{c.trace, other} {
		if len(trace) > 16 { // a short one may be a part of anything
			text = strings.ReplaceAll(text, trace, " ")
		}
	}
	return repeats(text, c.sent())
}

// repeats reports whether message holds anything of what was sent, with whatever case, accents, escapes and
// separators; or whether that cannot be told: the body was a stream, is not JSON, or there is too much of it. It looks
// at every byte of what was sent a bounded number of times.
func repeats(message string, sent sentValues) bool {
	size := len(sent.body)
	lists := [...][]string{sent.tokens, sent.values}
	for _, list := range lists {
		for _, value := range list {
			size += len(value)
		}
	}
	body := bytes.TrimSpace(sent.body)
	if sent.stream || size > maxCompared || len(body) > 0 && !json.Valid(body) {
		return true
	}
	var m comparison
	if !m.read(message) {
		return true
	}
	for i, list := range lists {
		for _, value := range list {
			if m.repeats(value, i > 0) { // a token has no words
				return true
			}
		}
	}
	for _, value := range jsonValues(string(body)) {
		if m.repeats(value, true) {
			return true
		}
	}
	return m.repeatsWords()
}

// jsonValues returns the strings and the numbers of a valid JSON text, strings with their escapes. Of the names of
// members it returns those that no schema would have, such as an address that is the key of a map.
func jsonValues(text string) (values []string) {
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case c == '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i++
			value := text[start+1 : i-1]
			isName := strings.HasPrefix(strings.TrimLeft(text[i:], " \t\r\n"), ":")
			if !(isName && isFieldName(value)) {
				values = append(values, value)
			}
		case c == '-' || isDigit(c):
			for i++; i < len(text) && !strings.ContainsRune(",]} \t\r\n", rune(text[i])); {
				i++
			}
			values = append(values, text[start:i])
		default:
			i++
		}
	}
	return values
}

// isFieldName reports whether a name is written as those of the documents are: letters and underscores, the
// first of them small, and one digit at most. "jane@example.com", "Jane" and "0x52908400" are not.
func isFieldName(name string) bool {
	if name == "" || !isLower(name[0]) && name[0] != '_' {
		return false
	}
	if isDigit(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	return strings.IndexFunc(name, func(r rune) bool { return r != '_' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') }) < 0
}

// A comparison looks for sent values in a message. It compares letters and digits in lower case, without
// accents, in the message as it is and in what is left of it when the escapes in it are undone.
type comparison struct {
	text    []byte // what is compared of the message, its readings divided by spaces
	edges   []bool // by index of text: whether a word begins or ends there
	runs    runSet // all runs of tellingRun characters in text
	foreign bool   // the message has letters beyond ASCII

	value plainText           // the sent value that is being compared
	words map[string]struct{} // sent words that are somewhere in text and count if they are words there
}

// spelled shortens what is written for letters of German and of the languages of the North where there is no
// accent to be had, as in "mueller" and "strasse", to the letter without its accent.
func spelled(lower string) string {
	for i := range len(lower) - 1 {
		switch lower[i : i+2] {
		case "ae", "oe", "ue", "ss", "aa":
			return lower[:i+1] + spelled(lower[i+2:])
		}
	}
	return lower
}

// A runSet holds hashes of runs of tellingRun characters: it may take one that it does not have for one that it has, so
// what it finds is looked for in the text as well. A long value costs a look at a bit for each of its runs.
type runSet [1 << 8]uint64

func (s *runSet) add(run []byte)          { h := hashRun(run); s[h>>6] |= 1 << (h & 63) }
func (s *runSet) mayHave(run []byte) bool { h := hashRun(run); return s[h>>6]&(1<<(h&63)) != 0 }

// hashRun spreads the bits of a run by a multiplication (Fibonacci hashing), and takes as many as a runSet has room for.
func hashRun(run []byte) uint64 {
	bits := uint64(binary.LittleEndian.Uint32(run))<<16 | uint64(binary.LittleEndian.Uint16(run[4:]))
	return bits * 0x9e3779b97f4a7c15 >> 50
}

// read makes m compare with a message. It reports false when that has escapes within escapes beyond what is undone.
func (m *comparison) read(message string) bool {
	m.text = make([]byte, 0, 2*len(message))
	for range maxUnescaped + 1 {
		m.add(message)
		lower := strings.ToLower(message)
		if short := spelled(lower); short != lower {
			m.add(short)
		}
		next := unescape(message)
		if next == message {
			for i := range len(m.text) - tellingRun + 1 {
				m.runs.add(m.text[i : i+tellingRun])
			}
			return true
		}
		message = next
	}
	return false
}

// add adds a reading of the message to what is compared.
func (m *comparison) add(reading string) {
	m.value.reduce(reading, true, true)
	m.foreign = m.foreign || m.value.foreign
	first := len(m.edges)
	m.edges = append(m.edges, make([]bool, len(m.value.text)+1)...)
	for _, i := range m.value.edges {
		m.edges[first+i] = true
	}
	m.text = append(append(m.text, m.value.text...), ' ')
}

// repeats reports whether the message holds a sent value or a telling part of it. Words of the value that are
// short it only notes, for [comparison.repeatsWords].
func (m *comparison) repeats(value string, inWords bool) bool {
	p := &m.value
	for range maxUnescaped + 1 {
		p.reduce(value, true, false)
		if p.foreign && m.foreign {
			return true // the same letter can be written in more ways than are compared here
		}
		if m.repeatsText(p.text, inWords) {
			return true
		}
		if inWords {
			m.noteWords(value, p)
		}
		if p.foreign { // some systems put a question mark in place of such letters
			p.reduce(value, false, false)
			if m.repeatsText(p.text, inWords) {
				return true
			}
			m.noteWords(value, p)
		}
		next := unescape(value)
		if next == value {
			return false
		}
		value = next
	}
	return true
}

// repeatsText looks for a value as a whole, and for parts of a long one.
func (m *comparison) repeatsText(text []byte, inWords bool) bool {
	n := len(text)
	if n <= shortValue {
		m.note(text)
		return false
	}
	if n < tellingRun {
		return bytes.Contains(m.text, text)
	}
	for i := range n - tellingRun + 1 {
		if run := text[i : i+tellingRun]; m.runs.mayHave(run) && bytes.Contains(m.text, run) {
			return true
		}
	}
	m.noteCuts(text, inWords)
	return false
}

// noteWords notes the words of a value, which may stand alone in the message or in another order.
func (m *comparison) noteWords(value string, p *plainText) {
	shortest := 2
	if strings.ContainsAny(value, "@/") {
		shortest = 3 // the ends of many addresses, "be" and "it", are words of English
	}
	for i, end := range p.edges[1:] {
		switch word := p.text[p.edges[i]:end]; {
		case len(word) >= tellingRun:
			m.noteCuts(word, true)
		case len(word) >= shortest:
			m.note(word)
		}
	}
}

// noteCuts notes what is left of a long value when it is cut or, such as a number of a card, masked. The end of a word
// without digits is none, for it may be the end of any other.
func (m *comparison) noteCuts(value []byte, isWord bool) {
	for length := shortValue + 1; length < tellingRun; length++ {
		m.note(value[:length])
		if end := value[len(value)-length:]; !isWord || bytes.ContainsAny(end, "0123456789") {
			m.note(end)
		}
	}
}

func (m *comparison) note(word []byte) {
	if bytes.Contains(m.text, word) {
		if m.words == nil {
			m.words = map[string]struct{}{}
		}
		m.words[string(word)] = struct{}{}
	}
}

// repeatsWords reports whether the message has one of the noted words as a word, or several glued to one.
func (m *comparison) repeatsWords() bool {
	if len(m.words) == 0 {
		return false
	}
	reached := slices.Clone(m.edges) // by index of text: whether glued words from the beginning of a word end there
	for i, ok := range reached {
		for length := 1; ok && length < tellingRun && i+length < len(m.text); length++ {
			if _, noted := m.words[string(m.text[i:i+length])]; noted {
				if m.edges[i+length] {
					return true
				}
				reached[i+length] = true
			}
		}
	}
	return false
}
