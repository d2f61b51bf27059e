package portal

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What the server says of a failed call may repeat what the caller sent: a name, an e-mail address, a token. An
// error shows the server's message only when it repeats nothing of the request, and in doubt it does not.

const (
	maxServerMessage = 512     // bytes
	maxMessage       = 4096    // bytes; a longer one is compared with nothing and not shown
	maxCompared      = 1 << 20 // bytes of a request; of more than that, nothing the server says is shown
	maxUnescaped     = 3       // how many times escapes within escapes are undone
	tellingRun       = 6       // letters and digits in a row that give away a part of a longer value
	shortValue       = 3       // letters and digits; up to here, a value may well be a part of any other word
)

// serverMessage finds the server's own words in an error body, whatever its content type says. Portal sends
// {"error": "…"}, {"error": {"message": "…"}}, {"message": "…"} and {"requestError": {"message": "…"}}. They
// become one line of bounded length; it is empty when there are none.
func serverMessage(body []byte) string {
	object := jsonObject(bytes.TrimPrefix(body, []byte("\ufeff")))
	for _, name := range []string{"error", "message", "requestError"} {
		raw := member(object, name)
		var text string
		if json.Unmarshal(raw, &text) != nil {
			_ = json.Unmarshal(member(jsonObject(raw), "message"), &text) // what is no text is as good as missing
		}
		if text = oneLine(text, maxServerMessage); text != "" {
			return text
		}
	}
	return ""
}

// jsonObject is a JSON object with its values as they are, nil if raw is none. Of members with the same name
// it has the last.
func jsonObject(raw []byte) (object map[string]json.RawMessage) {
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	return object
}

// member is the value of name, or else that of the first name that differs from it by case alone.
func member(object map[string]json.RawMessage, name string) json.RawMessage {
	if raw, ok := object[name]; ok {
		return raw
	}
	var first string
	for key := range object {
		if strings.EqualFold(key, name) && (first == "" || key < first) {
			first = key
		}
	}
	return object[first]
}

// oneLine makes foreign text printable UTF-8 in one line of at most limit bytes.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text) // which takes a byte that is not UTF-8 for U+FFFD
	text = strings.TrimSpace(text)
	if len(text) <= limit {
		return text
	}
	const ellipsis = "…"
	cut := limit - len(ellipsis)
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + ellipsis
}

// sentValues are the values of a request that no error may show.
type sentValues struct {
	tokens []string                      // those of all attempts of the call
	values []string                      // of path, query and header, escaped or not
	body   func() (io.ReadCloser, error) // reads a JSON body again; nil if there is none
}

// valuesOf collects what a request sends, beside the tokens of the attempts and the path parameters.
func valuesOf(req *http.Request, tokens, pathValues []string) sentValues {
	sent := sentValues{tokens: tokens, values: slices.Clone(pathValues), body: req.GetBody}
	for field := range strings.SplitSeq(req.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(field, "=")
		if !isFieldName(name) {
			sent.values = append(sent.values, name)
		}
		sent.values = append(sent.values, value)
	}
	for name, values := range req.Header {
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
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		sent.body = func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF } // a stream is gone once it is sent
	}
	return sent
}

// repeats reports whether message holds anything of what was sent, with whatever case, accents, escapes and
// separators; or whether that cannot be told: the body cannot be read again, is not JSON, or there is too much of
// it. It looks at every byte of what was sent a bounded number of times.
func repeats(message string, sent sentValues) bool {
	if len(message) > maxMessage {
		return true
	}
	m, ok := newComparison(message)
	if !ok {
		return true
	}
	var body []byte
	if sent.body != nil {
		reader, err := sent.body()
		if err != nil {
			return true
		}
		defer reader.Close()
		if body, err = io.ReadAll(io.LimitReader(reader, maxCompared+1)); err != nil {
			return true
		}
	}
	size := len(body)
	lists := [...][]string{sent.tokens, sent.values}
	for _, list := range lists {
		for _, value := range list {
			size += len(value)
		}
	}
	if body = bytes.TrimSpace(body); size > maxCompared || len(body) > 0 && !json.Valid(body) {
		return true
	}
	for i, list := range lists {
		for _, value := range list {
			if m.repeats(value, i > 0) { // a token has no words
				return true
			}
		}
	}
	for value := range jsonValues(string(body)) {
		if m.repeats(value, true) {
			return true
		}
	}
	return m.repeatsWords()
}

// jsonValues yields the strings and the numbers of a valid JSON text, strings with their escapes. Of the names
// of members it yields those that no schema would have, such as an address that is the key of a map.
func jsonValues(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
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
				if !(isName && isFieldName(value)) && !yield(value) {
					return
				}
			case c == '-' || isDigit(c):
				for i++; i < len(text) && !strings.ContainsRune(",]} \t\r\n", rune(text[i])); {
					i++
				}
				if !yield(text[start:i]) {
					return
				}
			default:
				i++
			}
		}
	}
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
	text    string // what is compared of the message, its readings divided by spaces
	edges   []bool // by index of text: whether a word begins or ends there
	runs    runSet // all runs of tellingRun characters in text
	foreign bool   // the message has letters beyond ASCII

	words map[string]struct{} // sent words that are somewhere in text and count if they are words there
}

// spelled shortens what is written for letters of German and of the languages of the North where there is no
// accent to be had, as in "Mueller" and "Strasse", to the letter without its accent.
var spelled = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "ss", "s", "aa", "a")
})

// A runSet holds hashes of runs of characters: it may take one that it does not have for one that it has, so what it
// finds is looked for in the text as well. A long value costs a look at a bit for each of its runs.
type runSet [1 << 8]uint64

func (s *runSet) add(run string)          { h := hashRun(run); s[h>>6] |= 1 << (h & 63) }
func (s *runSet) mayHave(run []byte) bool { h := hashRun(run); return s[h>>6]&(1<<(h&63)) != 0 }

func hashRun[T string | []byte](run T) (h uint32) {
	for i := range len(run) {
		h = h*31 + uint32(run[i])
	}
	return (h ^ h>>14) & (1<<14 - 1)
}

// newComparison reports false when message has escapes within escapes beyond what is undone.
func newComparison(message string) (*comparison, bool) {
	m := &comparison{}
	var text []byte
	add := func(p plainText) {
		m.foreign = m.foreign || p.foreign
		edges := make([]bool, len(p.text)+1)
		for _, i := range p.edges {
			edges[i] = true
		}
		m.edges = append(m.edges, edges...)
		text = append(append(text, p.text...), ' ')
	}
	for reading, n := message, 0; ; n++ {
		add(plain(reading, true, true))
		lower := strings.ToLower(reading)
		if short := spelled().Replace(lower); short != lower {
			add(plain(short, true, true))
		}
		next := unescape(reading)
		if next == reading {
			break
		}
		if n == maxUnescaped {
			return nil, false
		}
		reading = next
	}
	m.text = string(text)
	for i := range len(m.text) - tellingRun + 1 {
		m.runs.add(m.text[i : i+tellingRun])
	}
	return m, true
}

// repeats reports whether the message holds a sent value or a telling part of it. Words of the value that are
// short it only notes, for [comparison.repeatsWords].
func (m *comparison) repeats(value string, inWords bool) bool {
	for range maxUnescaped + 1 {
		p := plain(value, true, false)
		if p.foreign && m.foreign {
			return true // the same letter can be written in more ways than are compared here
		}
		if m.repeatsText(p.text) {
			return true
		}
		if inWords {
			m.noteWords(value, p)
		}
		if p.foreign { // some systems put a question mark in place of such letters
			p = plain(value, false, false)
			if m.repeatsText(p.text) {
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
func (m *comparison) repeatsText(text []byte) bool {
	n := len(text)
	if n <= shortValue {
		m.note(text)
		return false
	}
	if n < tellingRun {
		return strings.Contains(m.text, string(text))
	}
	for i := range n - tellingRun + 1 {
		if run := text[i : i+tellingRun]; m.runs.mayHave(run) && strings.Contains(m.text, string(run)) {
			return true
		}
	}
	m.noteCuts(text)
	return false
}

// noteWords notes the words of a value, which may stand alone in the message or in another order.
func (m *comparison) noteWords(value string, p plainText) {
	shortest := 2
	if strings.ContainsAny(value, "@/") {
		shortest = 3 // the ends of many addresses, "be" and "it", are words of English
	}
	for i, end := range p.edges[1:] {
		switch word := p.text[p.edges[i]:end]; {
		case len(word) >= tellingRun:
			m.noteCuts(word)
		case len(word) >= shortest:
			m.note(word)
		}
	}
}

// noteCuts notes what is left of a long value when it is cut or, such as a number of a card, masked.
func (m *comparison) noteCuts(value []byte) {
	for length := shortValue + 1; length < tellingRun; length++ {
		m.note(value[:length])
		if end := value[len(value)-length:]; bytes.ContainsAny(end, "0123456789") {
			m.note(end)
		}
	}
}

func (m *comparison) note(word []byte) {
	if len(word) > 0 && strings.Contains(m.text, string(word)) {
		if m.words == nil {
			m.words = map[string]struct{}{}
		}
		m.words[string(word)] = struct{}{}
	}
}

// repeatsWords reports whether the message has one of the noted words as a word, or several glued to one.
func (m *comparison) repeatsWords() bool {
	reached := slices.Clone(m.edges) // by index of text: whether glued words from the beginning of a word end there
	for i, ok := range reached {
		for length := 1; ok && length < tellingRun && i+length < len(m.text); length++ {
			if _, noted := m.words[m.text[i:i+length]]; noted {
				if m.edges[i+length] {
					return true
				}
				reached[i+length] = true
			}
		}
	}
	return false
}

// A plainText is what is compared of a text: its letters and digits in ASCII and lower case.
type plainText struct {
	text    []byte
	edges   []int // the indexes in text where words begin or end, its beginning and end included
	foreign bool  // there are letters beyond ASCII
}

// plain reduces s. Letters with accents lose them, or, unless accented is set, are left out together with all
// other letters beyond ASCII. Words end at other characters and, in parts, also where a small letter
// is followed by a large one and where letters and digits meet, as in "JaneDoe1".
func plain(s string, accented, inParts bool) plainText {
	p := plainText{text: make([]byte, 0, len(s)), edges: append(make([]int, 0, 12), 0)}
	edge := func() {
		if last := p.edges[len(p.edges)-1]; last != len(p.text) {
			p.edges = append(p.edges, len(p.text))
		}
	}
	var before rune
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			r = rune(s[i]) // not UTF-8, so take it for Latin-1
		}
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // full width
		}
		if r >= utf8.RuneSelf {
			if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) { // an accent of the letter before, or invisible
				p.foreign = p.foreign || !unicode.Is(unicode.Cf, r)
				continue
			}
			p.foreign = p.foreign || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r)
			r = baseLetter(r)
			if !accented {
				r = ' '
			}
		}
		c := r | 0x20 // in lower case, if it is an ASCII letter
		switch {
		case 'a' <= c && c <= 'z':
			if inParts && (isLower(before) && c != r || isDigit(before)) {
				edge()
			}
			p.text = append(p.text, byte(c))
		case isDigit(r):
			if inParts && !isDigit(before) {
				edge()
			}
			p.text = append(p.text, byte(r))
		default:
			edge()
		}
		before = r
	}
	edge()
	return p
}

// baseLetter is the ASCII letter that a letter beyond ASCII is made of, or a space.
func baseLetter(r rune) rune {
	// The letters of Latin-1 Supplement to Latin Extended-B, and of Latin Extended Additional, without accents.
	const fromC0 = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggg" +
		"hhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsbbbb   c" +
		"c ddd    ffg   ikkl  nnooo  pp     ttttuu vyyzz             dddlllnnnaaiioouuuuuuuuuu aaaaaaggggkkoo" +
		"oo  jdddgg  nnaaaaooaaaaeeeeiiiioooorrrruuuusstt  hhnd  zzaaeeooooooooyylnt   accltsz  bu eejj qrryy"
	const from1E00 = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv" +
		"wwwwwwwwwwxxxxyyzzzzzzhtwyas  s aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy    yy"
	switch lower := unicode.ToLower(r); {
	case lower < utf8.RuneSelf: // such as that of the Kelvin sign
		return lower
	case lower >= 0xC0 && lower-0xC0 < rune(len(fromC0)):
		return rune(fromC0[lower-0xC0])
	case lower >= 0x1E00 && lower-0x1E00 < rune(len(from1E00)):
		return rune(from1E00[lower-0x1E00])
	}
	return ' '
}

// unescape undoes, once, the escapes that software puts into text: those of URLs, of HTML, and of JSON and the
// languages like it. Letters that only lay out the text become spaces.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\%&`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		decoded, size := unescapeFirst(s[i:])
		if size == 0 {
			decoded, size = s[i:i+1], 1
		}
		out = append(out, decoded...)
		i += size
	}
	return string(out)
}

// unescapeFirst decodes the escape that s begins with. Its size is zero when there is none.
func unescapeFirst(s string) (decoded string, size int) {
	if len(s) < 2 {
		return "", 0
	}
	switch sign, kind := s[0], s[1]; {
	case sign == '&' && kind == '#':
		if s[2:] != "" && s[2]|0x20 == 'x' {
			return codePoint(s, 3, 7, 16)
		}
		return codePoint(s, 2, 7, 10)
	case sign == '&':
		name, _, ok := strings.Cut(s[1:min(len(s), 10)], ";")
		if !ok || name == "" || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") != "" {
			return "", 0
		}
		for _, accent := range []string{"acute", "grave", "circ", "uml", "tilde", "cedil", "caron", "ring", "slash"} {
			if letter, ok := strings.CutSuffix(name, accent); ok && len(letter) == 1 {
				return letter, len(name) + 2
			}
		}
		return " ", len(name) + 2
	case sign != '%' && sign != '\\':
		return "", 0
	case kind == 'u' && strings.HasPrefix(s[2:], "{"):
		return codePoint(s, 3, 6, 16)
	case kind == 'u':
		return codePoint(s, 2, 4, 16)
	case sign == '%':
		return octet(s, 1, 2, 16)
	case kind == 'U':
		return codePoint(s, 2, 8, 16)
	case kind == 'x':
		return octet(s, 2, 2, 16)
	case '0' <= kind && kind <= '3':
		return octet(s, 1, 3, 8)
	case strings.IndexByte("abfnrtv", kind) >= 0:
		return " ", 2
	case kind == sign:
		return s[:1], 2
	}
	return "", 1 // a backslash before what needs none
}

// codePoint reads the number of a character from s, where its digits begin at start, and what ends it.
func codePoint(s string, start, most, base int) (decoded string, size int) {
	n, end := number(s, start, most, base)
	if end == start {
		return "", 0
	}
	if end < len(s) && (s[end] == ';' || s[end] == '}') {
		end++
	}
	return string(n), end
}

// octet reads a byte that is written with a fixed count of digits.
func octet(s string, start, count, base int) (decoded string, size int) {
	n, end := number(s, start, count, base)
	if end != start+count {
		return "", 0
	}
	return string([]byte{byte(n)}), end
}

// number reads the digits of s from start on, at most some of them.
func number(s string, start, most, base int) (n rune, end int) {
	for end = start; end < min(len(s), start+most); end++ {
		digit, err := strconv.ParseUint(s[end:end+1], base, 8)
		if err != nil {
			break
		}
		n = n*rune(base) + rune(digit)
	}
	return n, end
}

func isDigit[T byte | rune](c T) bool { return '0' <= c && c <= '9' }

func isLower[T byte | rune](c T) bool { return 'a' <= c && c <= 'z' }
