package meldwebhook

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want time.Time
	}{
		{"2022-05-26T20:25:17.682818Z", time.Date(2022, 5, 26, 20, 25, 17, 682818000, time.UTC)},
		{"2022-05-26T20:25:17.682818123Z", time.Date(2022, 5, 26, 20, 25, 17, 682818123, time.UTC)},
		{"2022-05-26T20:25:17Z", time.Date(2022, 5, 26, 20, 25, 17, 0, time.UTC)},
		{"2022-05-26T20:25Z", time.Date(2022, 5, 26, 20, 25, 0, 0, time.UTC)},
		{"2022-05-26T22:25:17.5+02:00", time.Date(2022, 5, 26, 20, 25, 17, 500000000, time.UTC)},
		{"2022-05-26T18:25:17-0200", time.Date(2022, 5, 26, 20, 25, 17, 0, time.UTC)},
		{"2022-05-26T20:25:17.682818", time.Date(2022, 5, 26, 20, 25, 17, 682818000, time.UTC)},
		{"1653596717", time.Date(2022, 5, 26, 20, 25, 17, 0, time.UTC)},
		{"1653596717.682818", time.Date(2022, 5, 26, 20, 25, 17, 682818000, time.UTC)},
		{"1653596717.682818001", time.Date(2022, 5, 26, 20, 25, 17, 682818001, time.UTC)},
		{"2022-05-26T22:25:17.123456789+02:00", time.Date(2022, 5, 26, 20, 25, 17, 123456789, time.UTC)}, // the longest
		{"12345678901", time.Unix(12345678901, 0).UTC()},                                                 // the most seconds
		{"12345678901.5", time.Unix(12345678901, 500000000).UTC()},
		{"123456789012", time.UnixMilli(123456789012).UTC()}, // the fewest milliseconds
		{"12345678901234", time.UnixMilli(12345678901234).UTC()},
		{"1653596717682", time.Date(2022, 5, 26, 20, 25, 17, 682000000, time.UTC)},
		{"0", time.Unix(0, 0).UTC()},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, ok := parseTimestamp(tt.in)
			require.True(t, ok)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseTimestampRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", " ", "now", "null", "yesterday", "2022-05-26", "2022-05-26 20:25:17Z", "2022-13-26T20:25:17Z", "2022-05-26T20:25:61Z",
		"-1653596717", "+1653596717", "1e9", "0x10", "1653596717.", ".5", "1653596717.1234567890", "1653596717682.5",
		"123456789012.5", "123456789012345", "1653596717.5x", "1653596717.5.5", "165359671x", "2022-05-26T22:25:17.1234567890+02:00",
		"1653596717 ", "١٦٥٣٥٩٦٧١٧", "2022-05-26T20:25:17Z.https://example.com",
		"2022-05-26T20:25:17." + strings.Repeat("0", 100) + "Z", strings.Repeat("9", 400),
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			_, ok := parseTimestamp(in)
			require.False(t, ok)
		})
	}
}
