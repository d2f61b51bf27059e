package portal

import (
	"time"

	"github.com/oapi-codegen/runtime/types"
)

// NewDate is a calendar date, for DateOfBirth. A day that the calendar does not have, such as 30 February,
// does not become its neighbour: the call that it is passed to refuses it with [ErrInvalidRequest].
func NewDate(year int, month time.Month, day int) types.Date {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day {
		return noDate
	}
	return types.Date{Time: t}
}

// noDate stands for a date that does not exist. RFC 3339 has no year before 0.
var noDate = types.Date{Time: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}
