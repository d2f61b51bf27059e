package meldwebhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// The headers that Meld sends with every delivery. Both are needed.
const (
	SignatureHeader = "Meld-Signature"
	TimestampHeader = "Meld-Signature-Timestamp"
)

// Sign returns the value of [SignatureHeader] for a delivery: the padded base64url of the HMAC-SHA256, keyed
// with the secret, of timestamp, URL and body, joined by dots. A test plays Meld with it.
//
// The timestamp is the text of [TimestampHeader], byte for byte; Meld writes
// time.Now().UTC().Format(time.RFC3339Nano). The URL is the text that was given to [New], and the body is
// what is sent, not a JSON value like it.
func Sign(secret, timestamp, url string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "." + url + ".")) // a hash never fails
	mac.Write(body)
	return base64.URLEncoding.EncodeToString(mac.Sum(nil))
}
