package portal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnescape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":  "",
		"a": "a",
		// HTML
		"&#65;b": "Ab", "&#x41;&#X42;": "AB", "&#65b": "Ab", "&#233;": "é", "&#x0000041;": "A", "&#x00000041;": "\x041;", "&#x1F600;": "😀", "&#00000065;": "\x065;",
		"&#;": "&#;", "&#x;": "&#x;", "&#": "&#", "&#x": "&#x", "&": "&", "&;": "&;", "x&": "x&",
		"&eacute;t": "et", "&Ntilde;&Uuml;": "NU", "&amp;x": " x", "&acute;x": " x", "&xxacute;x": " x", "&zcaron;": "z", "&AMP;": " ",
		"&agrave;&ecirc;&ntilde;&ccedil;&aring;&oslash;": "aencao",
		"&a b;": "&a b;", "&a1;": "&a1;", "&abcdefgh;x": " x", "&abcdefghi;x": "&abcdefghi;x",
		// URLs
		"%41": "A", "%c3%A9": "é", "%ff": "\xff", "%4": "%4", "%4g": "%4g", "%": "%", "%%41": "%A", "%n": "%n", "%x41": "%x41", "%101": "\x101",
		"%u0041": "A", "%u00412": "A2", "%u41x": "Ax", "%u{41}": "A", "%u": "%u", "%ug": "%ug", "%U00000041": "%U00000041",
		// JSON and the like
		`\u0041`: "A", `\u00412`: "A2", `\u{1F600}`: "😀", `\u{}`: `\u{}`, `\u{41x`: "Ax", `\u{000041}`: "A", `\u{0000041}`: "\x041}", `\ud800`: "\ufffd", `\U00000041`: "A", `\U000000412`: "A2",
		`\x41`: "A", `\x4`: `\x4`, `\x412`: "A2", `\101`: "A", `\377`: "\xff", `\000`: "\x00", `\18`: `\18`, `\400`: "400", `\1012`: "A2",
		`a\nb\ac\bd\fe\rf\tg\vh`: "a b c d e f g h", `\\n`: `\n`, `\\\n`: `\ `, `\'\"\/\é\y`: `'"/éy`, `\`: `\`, `x\`: `x\`,
	} {
		require.Equal(t, want, unescape(in), "%q", in)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in                string
		accented, inParts bool
		words             string // divided by commas
		foreign           bool
	}{
		{"", true, true, "", false},
		{" -@`[{/:^ ", true, true, "", false},
		{"azAZ09", true, false, "azaz09", false},
		{"azAZ09", true, true, "az,az,09", false},
		{"JaneDOE", true, true, "jane,doe", false},
		{"1Jane2", true, true, "1,jane,2", false},
		{"--a--b--", true, false, "a,b", false},
		{"J\u00adane", true, true, "jane", false},
		{"Zoë", true, false, "zoe", true},
		{"Zoë2", false, false, "zo,2", true},
		{"Zoe\u0308", true, false, "zoe", true},
		{"Zoe\u0308", false, false, "zoe", true},
		{"Zo\xeb", true, false, "zoe", true},
		{"a\ufffdb", true, false, "a,b", false},
		{"Ｊane０９！～", true, false, "jane09", false},
		{"a—b™", true, false, "a,b", false},
		{"a٣b", true, false, "a,b", true},
		{"aकाb", true, false, "a,b", true},
		{"a\u093eb", true, false, "a,b", true},
		{"aжb", true, false, "a,b", true},
		{"\u212aelvin", true, false, "kelvin", true},
		{"ÀɏɐḀỿἀ×÷¿", true, false, "ay,ay", true},
		{"ĀāĐđŁłŸžſƀȘșȚț", true, false, "aaddllyzsbsstt", true},
		{"ẞẤấỲỳ", true, false, "saayy", true},
	}
	for _, tt := range tests {
		var p plainText
		p.reduce(tt.in, tt.accented, tt.inParts)
		var words []string
		for i, end := range p.edges[1:] {
			words = append(words, string(p.text[p.edges[i]:end]))
		}
		require.Equal(t, tt.words, strings.Join(words, ","), "%q", tt.in)
		require.Equal(t, strings.ReplaceAll(tt.words, ",", ""), string(p.text), "%q", tt.in)
		require.Equal(t, tt.foreign, p.foreign, "%q", tt.in)
	}
}
