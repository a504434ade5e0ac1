package authz

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"syscall"
	"testing"
	"time"
)

// benchClaims are claims as an issuer writes them.
const benchClaims = `,"iat":1799999990,"jti":"8f14e45f-ceea-467f-a0e6-5b2b3c1d2e3f","scope":"openid profile email read:orders write:orders",` +
	`"azp":"web","realm_access":{"roles":["customer","offline_access","uma_authorization"]},"email":"ada@example.com","email_verified":true`

func BenchmarkAuthenticate(b *testing.B) {
	k := testKeys()
	set := Provider{Name: "set", Audience: []string{"api"}}
	set.JWKSFile = file(b, jwks(jwk(k.rsa, "rsa", nil)))
	local := secretProvider(b)
	local.Issuer = []string{"https://local.example"}
	a := start(b, config(set, local), testEnvironment())
	text := payload(benchClaims)
	rs := signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, text)
	hs := hs256(`{"iss":"https://local.example",` + text[len(`{"sub":"u1","iss":"https://a.example",`):])

	run := func(name, token string, cached bool) {
		b.Run(name, func(b *testing.B) {
			r := bearer(token)
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				if !cached {
					a.cache.entries.InvalidateAll()
				}
				if _, rejection, err := a.Authenticate(r); rejection != nil || err != nil {
					b.Fatal(rejection, err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
	run("HS256 cached", hs, true)
	run("HS256", hs, false)
	run("RS256 cached", rs, true)
	run("RS256", rs, false)

	b.Run("no token", func(b *testing.B) {
		r := bearer("")
		b.ReportAllocs()
		for b.Loop() {
			_, _, _ = a.Authenticate(r)
		}
	})
	b.Run("malformed", func(b *testing.B) {
		r := bearer("x.y.z")
		b.ReportAllocs()
		for b.Loop() {
			_, _, _ = a.Authenticate(r)
		}
	})
	b.Run("bare RS256 signature", func(b *testing.B) {
		input, signature, _ := cutLast(rs)
		raw, err := base64.RawURLEncoding.DecodeString(signature)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		before := cpuTime(b)
		for b.Loop() {
			digest := sha256.Sum256([]byte(input))
			if err := rsa.VerifyPKCS1v15(&k.rsa.PublicKey, crypto.SHA256, digest[:], raw); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
	})
	b.Run("bare SHA-256 of the token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = sha256.Sum256([]byte(hs))
		}
	})
}

// cpuTime returns how much user and system time the process has used: unlike the time on the wall, it says something on a
// machine with other work, too.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func BenchmarkClaim(b *testing.B) {
	id, err := NewIdentity([]byte(payload(benchClaims)))
	if err != nil {
		b.Fatal(err)
	}
	p := mustPath(b, "$.realm_access.roles[1]")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := id.ClaimText(p); !ok {
			b.Fatal("not found")
		}
	}
}
