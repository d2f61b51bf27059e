package instance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf16"
)

// Spelled is the value as text in another spelling: properties in any order, spaces, characters as escapes.
// A decoder must not care. Digits and capitals stand for themselves: time.Time does not undo escapes in its
// text (golang/go#47353).
func (i *Instance) Spelled(r *rand.Rand) []byte {
	s := &speller{rand: r}
	s.value(Plain(i.Value))
	return []byte(s.String())
}

type speller struct {
	strings.Builder
	rand *rand.Rand
}

func (s *speller) space() {
	if s.rand.IntN(6) == 0 {
		s.WriteString([]string{" ", "\n", "\t", "\r\n  "}[s.rand.IntN(4)])
	}
}

func (s *speller) value(v any) {
	s.space()
	switch v := v.(type) {
	case map[string]any:
		names := slices.Collect(maps.Keys(v))
		slices.Sort(names) // so that a seed means the same every time
		s.rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		s.WriteByte('{')
		for n, name := range names {
			if n > 0 {
				s.WriteByte(',')
			}
			s.space()
			s.text(name)
			s.space()
			s.WriteByte(':')
			s.value(v[name])
		}
		s.WriteByte('}')
	case []any:
		s.WriteByte('[')
		for n, item := range v {
			if n > 0 {
				s.WriteByte(',')
			}
			s.value(item)
		}
		s.WriteByte(']')
	case string:
		s.text(v)
	case nil:
		s.WriteString("null")
	default:
		fmt.Fprint(s, v) // a json.Number or a bool
	}
	s.space()
}

func (s *speller) text(text string) {
	s.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			s.WriteByte('\\')
			s.WriteRune(r)
		case r == '/' && s.rand.IntN(2) == 0:
			s.WriteString(`\/`)
		case r < ' ' || (r >= 'a' && r <= 'z' || r > '~') && s.rand.IntN(8) == 0:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(s, `\u%04X`, unit)
			}
		default:
			s.WriteRune(r)
		}
	}
	s.WriteByte('"')
}
