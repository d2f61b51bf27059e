package portaltest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// newID makes the next ID of a kind for a client: 22 characters, as Meld's are. It is called locked.
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

// uuid is the one UUID of a kind that somebody has.
func (h *Handler) uuid(whose, kind string) string {
	b := h.derive("uuid", whose, kind)
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

// timestamp is the time as text. It is called locked.
func (h *Handler) timestamp() string { return h.now().Format(time.RFC3339Nano) }

// tick is the time of a change, as text. It is called locked.
func (h *Handler) tick() string {
	text := h.timestamp()
	h.ticks++
	return text
}
