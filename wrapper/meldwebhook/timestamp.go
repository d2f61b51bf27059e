package meldwebhook

import (
	"strconv"
	"strings"
	"time"
)

// Meld writes ISO 8601 with microseconds. Its services run on Java, which leaves out seconds that are zero.
var timestampLayouts = []string{
	time.RFC3339, // with or without a fraction
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05", // no zone: UTC
}

// parseTimestamp reads a moment leniently: ISO 8601, or seconds or milliseconds since 1970.
//
// Whatever it accepts consists of digits and "TZ:+-.,". That matters beyond taste: the signed text is not
// self-delimiting, and only because a timestamp cannot hold a URL is there one way to cut it into its parts.
func parseTimestamp(s string) (t time.Time, ok bool) {
	const longest = len("2006-01-02T15:04:05.123456789+07:00")
	if s == "" || len(s) > longest {
		return time.Time{}, false
	}
	if !strings.ContainsAny(s, "T:-+") {
		return parseEpoch(s)
	}
	for _, layout := range timestampLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// parseEpoch reads "1653596717", "1653596717.682818" and "1653596717682".
func parseEpoch(s string) (t time.Time, ok bool) {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	const seconds, millis = 11, 14 // the digits of the year 5000, or thereabouts
	if whole == "" || len(whole) > millis || !digits(whole) {
		return time.Time{}, false
	}
	n, _ := strconv.ParseInt(whole, 10, 64) // digits, and few enough
	switch {
	case !hasFraction && len(whole) > seconds:
		return time.UnixMilli(n).UTC(), true
	case !hasFraction:
		return time.Unix(n, 0).UTC(), true
	case len(whole) > seconds || fraction == "" || len(fraction) > 9 || !digits(fraction):
		return time.Time{}, false
	}
	nanos, _ := strconv.ParseInt((fraction + "00000000")[:9], 10, 64)
	return time.Unix(n, nanos).UTC(), true
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
