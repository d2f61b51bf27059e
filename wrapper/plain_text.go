package portal

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A plainText is what is compared of a text: its letters and digits in ASCII and lower case.
type plainText struct {
	text    []byte
	edges   []int // the indexes in text where words begin or end, its beginning and end included
	foreign bool  // there are letters beyond ASCII
}

// reduce makes p what is compared of s. Letters with accents lose them, or, unless accented is set, are left out
// together with all other letters beyond ASCII. Words end at other characters and, in parts, also where a small
// letter is followed by a large one and where letters and digits meet, as in "JaneDoe1".
func (p *plainText) reduce(s string, accented, inParts bool) {
	p.text, p.edges, p.foreign = slices.Grow(p.text[:0], len(s)), append(slices.Grow(p.edges[:0], 16), 0), false
	var before rune
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			r = rune(s[i]) // not UTF-8, so take it for Latin-1
		case r >= '！' && r <= '～':
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
				p.edge()
			}
			p.text = append(p.text, byte(c))
		case isDigit(r):
			if inParts && !isDigit(before) {
				p.edge()
			}
			p.text = append(p.text, byte(r))
		default:
			p.edge()
		}
		before = r
	}
	p.edge()
}

// edge notes that a word begins or ends here.
func (p *plainText) edge() {
	if last := p.edges[len(p.edges)-1]; last != len(p.text) {
		p.edges = append(p.edges, len(p.text))
	}
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
