package portal

import (
	"strings"
	"unicode"

	"github.com/portalclient/portal-client-go/api"
)

// checkMeldCustomer refuses what the document does not allow, and says which field it is and why, never
// what it holds. Empty fields are not sent, so they are fine.
func checkMeldCustomer(r *api.MeldCreateCustomerRequest) error {
	if r.Type != "" && !r.Type.Valid() {
		return &invalidRequest{"type", "must be INDIVIDUAL or BUSINESS"}
	}
	if r.Email != "" && !isEmail(r.Email) {
		return &invalidRequest{"email", "must be one bare address, local@domain, without a display name"}
	}
	if r.Phone != "" && !isE164(r.Phone) {
		return &invalidRequest{"phone", "must be an E.164 number: a plus sign, the country code, at most 15 digits, nothing between them"}
	}
	if year := r.DateOfBirth.Year(); !r.DateOfBirth.IsZero() && (year < 1 || year > 9999) {
		return &invalidRequest{"dateOfBirth", "must be a day of the calendar"}
	}
	return nil
}

// isEmail accepts an address that stands alone (RFC 5321, Mailbox, without quotes and address literals):
// no display name, no comment, no list. net/mail would accept more, and costs every program 29 KB.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && len(s) <= 254 && isDotted(local, "!#$%&'*+-/=?^_`{|}~") && isDotted(domain, "-")
}

// isDotted accepts words of letters, digits and the characters in also, with single dots between them.
// Letters are those of any script, with the marks that many are written with (RFC 6531).
func isDotted(s, also string) bool {
	before := '.'
	for _, r := range s { // a byte that is not UTF-8 comes as U+FFFD, which is none of these
		switch {
		case r == '.':
			if before == '.' {
				return false
			}
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(also, r):
			return false
		}
		before = r
	}
	return before != '.'
}

// isE164 accepts a plus sign, a digit that is not zero, and up to fourteen more (ITU-T E.164).
func isE164(s string) bool {
	if len(s) < 3 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
