package overlaycheck

import "strings"

// isRule tells whether a target selects by form instead of by name: a wildcard, a filter or any depth.
func isRule(target string) bool {
	return strings.ContainsAny(unquoted(target), "*?") || strings.Contains(unquoted(target), "..")
}

// unquoted is a target without the keys that it quotes.
func unquoted(target string) string {
	var b strings.Builder
	var quote rune
	escaped := false
	for _, r := range target {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0:
			b.WriteRune(r)
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == quote:
			quote = 0
		}
	}
	return b.String()
}
