package portal

import (
	"time"

	"github.com/oapi-codegen/runtime/types"
)

// ParseDate reads a calendar date such as "1990-02-28", for DateOfBirth (RFC 3339, full-date). A day that the
// calendar does not have, such as 30 February, is [ErrInvalidRequest]; the error does not repeat it.
func ParseDate(s string) (types.Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return types.Date{}, &invalidRequest{"date", "must be a day of the calendar, written YYYY-MM-DD"}
	}
	return types.Date{Time: t}, nil
}
