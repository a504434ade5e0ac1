package authz

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// maxNumericDate is the last second of the year 9999. What is later is a mistake or an attempt to overflow something.
const maxNumericDate = 253402300799

var errClaimType = errors.New("a registered claim has a wrong type or is out of range")

// registered are the claims that a verifier looks at (RFC 7519, section 4.1), with the types that they must have.
type registered struct {
	issuer, subject            string
	audience                   []string
	expires, notBefore, issued numericDate
}

// numericDate is a time that a claim names, if it is there.
type numericDate struct {
	at    time.Time // whole seconds, rounded down
	given bool
}

// readRegistered reads the registered claims. A claim of a wrong type is an error, also where nobody asks for the claim:
// readers after us may not see it as we do.
func readRegistered(object claims.Value) (registered, error) {
	var r registered
	var unused string
	ok := readText(object, "iss", &r.issuer) && readText(object, "sub", &r.subject) && readText(object, "jti", &unused)
	if aud := object.Member("aud"); ok && aud.Exists() {
		r.audience, ok = aud.Strings()
	}
	ok = ok && readDate(object, "exp", &r.expires) && readDate(object, "nbf", &r.notBefore) && readDate(object, "iat", &r.issued)
	if !ok {
		return registered{}, errClaimType
	}
	return r, nil
}

// readText reads a claim that must be a string if it is there.
func readText(object claims.Value, name string, into *string) (ok bool) {
	v := object.Member(name)
	if !v.Exists() {
		return true
	}
	*into, ok = v.Text()
	return ok
}

// readDate reads a claim that must be a NumericDate (RFC 7519, section 2) if it is there.
func readDate(object claims.Value, name string, into *numericDate) bool {
	v := object.Member(name)
	if !v.Exists() {
		return true
	}
	if !v.IsNumber() {
		return false
	}
	seconds, err := strconv.ParseFloat(string(v.Raw()), 64)
	if err != nil || seconds < 0 || seconds > maxNumericDate {
		return false
	}
	*into = numericDate{at: time.Unix(int64(math.Floor(seconds)), 0), given: true}
	return true
}

var _ jwt.Claims = registered{}

// GetExpirationTime implements jwt.Claims, as do the following methods: the library's checks of claims are made on what was
// read strictly, where no other reading of names or numbers is possible. A date of 0 is a date.
func (r registered) GetExpirationTime() (*jwt.NumericDate, error) { return r.expires.numeric(), nil }

// GetNotBefore implements jwt.Claims.
func (r registered) GetNotBefore() (*jwt.NumericDate, error) { return r.notBefore.numeric(), nil }

// GetIssuedAt implements jwt.Claims.
func (r registered) GetIssuedAt() (*jwt.NumericDate, error) { return r.issued.numeric(), nil }

// GetAudience implements jwt.Claims.
func (r registered) GetAudience() (jwt.ClaimStrings, error) { return r.audience, nil }

// GetIssuer implements jwt.Claims.
func (r registered) GetIssuer() (string, error) { return r.issuer, nil }

// GetSubject implements jwt.Claims.
func (r registered) GetSubject() (string, error) { return r.subject, nil }

// numeric returns the date as the library has it, nil if there is none.
func (d numericDate) numeric() *jwt.NumericDate {
	if !d.given {
		return nil
	}
	return &jwt.NumericDate{Time: d.at}
}
