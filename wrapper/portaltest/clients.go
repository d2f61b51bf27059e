package portaltest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/api"
)

// A client is what the fake knows of one Portal client. Values in it are replaced, never changed, so that
// a reply may be encoded after the lock is given back.
type client struct {
	name         string // the token that it came with, from which its IDs are made
	customer     *api.MeldCustomer
	customerID   string // of a customer that is yet to be made
	sessions     []*session
	transactions []*transaction // in the order in which they came
	made         map[string]int // how many IDs of each kind it has
}

// client returns the client of a token and makes it if need be. It is called locked.
func (h *Handler) client(token string) *client {
	c := h.clients[token]
	if c == nil {
		c = &client{name: token, made: map[string]int{}}
		h.clients[token] = c
	}
	return c
}

// ExpireToken makes every later request with this token a 401. What its client has stays, for
// [Handler.RotateToken].
func (h *Handler) ExpireToken(token string) {
	h.helper()
	if !h.wellFormed("ExpireToken", token) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expired[token] = true
}

// RotateToken gives a client a new token, as a back end does when a Client Session Token runs out: the old
// one is expired, and the new one finds everything that the old one made.
func (h *Handler) RotateToken(oldToken, newToken string) {
	h.helper()
	if !h.wellFormed("RotateToken", oldToken) || !h.wellFormed("RotateToken", newToken) {
		return
	}
	if oldToken == newToken {
		h.complain("RotateToken: the two tokens are the same; give a new one")
		return
	}
	h.mu.Lock()
	c, taken := h.client(oldToken), h.clients[newToken] != nil
	if !taken {
		delete(h.clients, oldToken)
		delete(h.expired, newToken)
		h.expired[oldToken] = true
		h.clients[newToken] = c
	}
	h.mu.Unlock()
	if taken {
		h.complain("RotateToken: the new token belongs to a client already; give one that nobody has used")
	}
}

func (h *Handler) wellFormed(method, token string) bool {
	h.helper()
	if bearerToken.MatchString(token) {
		return true
	}
	h.complain(method + ": the token is empty or cannot be sent as a bearer token; use letters, digits and -._~+/ only")
	return false
}

// newID makes the next ID of a kind for a client: 22 characters, as Meld's are.
func (h *Handler) newID(c *client, kind string) string {
	c.made[kind]++
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	sum := h.derive("id", c.name, kind, strconv.Itoa(c.made[kind]))
	n, base, digit := new(big.Int).SetBytes(sum[:16]), big.NewInt(int64(len(letters))), new(big.Int)
	var id strings.Builder
	for range 22 {
		n.DivMod(n, base, digit)
		id.WriteByte(letters[digit.Int64()])
	}
	return id.String()
}

// uuid is the one UUID of a kind that a client has, or all have if c is nil.
func (h *Handler) uuid(c *client, kind string) string {
	name := ""
	if c != nil {
		name = c.name
	}
	b := h.derive("uuid", name, kind)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// derive is where all that looks random comes from: the seed and what it is for, and nothing else.
func (h *Handler) derive(words ...string) [sha256.Size]byte {
	b := binary.BigEndian.AppendUint64(nil, h.config.seed)
	for _, word := range words {
		b = binary.BigEndian.AppendUint64(b, uint64(len(word)))
		b = append(b, word...)
	}
	return sha256.Sum256(b)
}

// now is the time. It is called locked.
func (h *Handler) now() time.Time {
	if h.config.now != nil {
		return h.config.now().UTC()
	}
	return time.Date(2026, 1, 1, 0, 0, h.ticks, 0, time.UTC)
}

// tick is the time of a change, as text. It is called locked.
func (h *Handler) tick() string {
	text := h.timestamp()
	h.ticks++
	return text
}
