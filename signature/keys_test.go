package signature

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// testKey returns a key whose secret is one character, repeated.
func testKey(tb testing.TB, id KeyID, char string) *Key {
	tb.Helper()
	key, err := NewKey(id, []byte(strings.Repeat(char, 32)))
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func TestParseSecret(t *testing.T) {
	t.Parallel()
	const text = "0123456789abcdef0123456789abcdef"
	for _, tc := range []struct{ text, encoding, want string }{
		{text, "", text},
		{text, "utf8", text},
		{text + "\n", "utf8", text},
		{text + "\r\n", "utf8", text},
		{" " + text, "utf8", " " + text},
		{text + "\n\n", "utf8", text + "\n"},
		{text[1:], "utf8", ""},
		{strings.Repeat("é", 16), "utf8", strings.Repeat("é", 16)},
		{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "base64", text},
		{"\tMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", "base64", text},
		{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", "base64", ""},
		{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW==", "base64", ""},
		{text, "hex", ""},
		{strings.Repeat("aB", 32) + "\n", "hex", strings.Repeat("\xab", 32)},
		{strings.Repeat("zz", 32), "hex", ""},
		{text, "rot13", ""},
	} {
		got, err := ParseSecret(tc.text, tc.encoding)
		if (err == nil) != (tc.want != "") || err == nil && string(got) != tc.want {
			t.Errorf("%q as %s: got %q, %v", tc.text, tc.encoding, got, err)
		}
		if err != nil && strings.Contains(err.Error(), tc.text) {
			t.Errorf("%q as %s: the error tells the secret: %v", tc.text, tc.encoding, err)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	secrets := []Secret{{ID: "new", VerifyOnly: true}, {ID: "now"}, {ID: "old"}}
	for id, want := range map[KeyID]KeyID{"": "now", "old": "old", "now": "now", "new": "", "none": ""} {
		got, err := Choose(secrets, id)
		if got.ID != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", id, got.ID, err)
		}
	}
	if _, err := Choose(secrets[:1], ""); err == nil {
		t.Error("a key for verifying only was chosen")
	}
}

func TestDerive(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	// From another implementation: Node's crypto.hkdfSync('sha256', secret, '', 'gatehouse message v1 reviews', 32).
	const want = "fdc6f13518afb5d677c0cd0f9f8a03a4c667929f33fdcaa78398ef70da92bbfa"
	key, err := Secret{Bytes: secret}.Derive("reviews")
	if err != nil || hex.EncodeToString(key) != want {
		t.Errorf("got %x, %v", key, err)
	}
	other, err := Secret{Bytes: secret}.Derive("products")
	if err != nil || bytes.Equal(key, other) {
		t.Errorf("got %x, %v", other, err)
	}
	if _, err := (Secret{Bytes: secret[1:]}).Derive("reviews"); err == nil {
		t.Error("31 bytes were accepted")
	}
	if _, err := (Secret{Bytes: secret}).Derive(""); err == nil {
		t.Error("no name was accepted")
	}
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	key, err := NewKey("2026-11", secret)
	if err != nil || key.ID() != "2026-11" {
		t.Fatal(key, err)
	}
	before := string(key.AppendMAC(nil, nil))
	clear(secret)
	key.pool.Get() // so that another state is made
	if after := string(key.AppendMAC(nil, nil)); after != before {
		t.Error("the key shares the caller's bytes")
	}
	for _, id := range []KeyID{"", "é", "a\n", KeyID(strings.Repeat("a", 129))} {
		if _, err := NewKey(id, secret); err == nil {
			t.Errorf("%q was accepted", id)
		}
	}
	if _, err := NewKey("k", secret[:31]); err == nil {
		t.Error("31 bytes were accepted")
	}
}
