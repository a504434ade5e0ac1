package authz

import (
	"context"
	"encoding/base64"
	"encoding/json"
	pemlib "encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	someSecret := secret.Source{Env: "A"}
	local := func(change func(*Provider)) func(*Config) {
		return func(c *Config) {
			p := Provider{Name: "p", KeySource: KeySource{Secret: someSecret}}
			change(&p)
			c.Providers = []Provider{p}
		}
	}
	remote := func(change func(*Provider)) func(*Config) {
		return local(func(p *Provider) {
			p.KeySource = KeySource{JWKSURL: "https://idp.example/keys"}
			p.Audience = []string{"api"}
			change(p)
		})
	}
	address := func(url string) func(*Config) { return remote(func(p *Provider) { p.JWKSURL = url }) }
	issuer := func(url string) func(*Config) {
		return remote(func(p *Provider) { p.JWKSURL, p.IssuerURL = "", url })
	}
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"default":                {func(*Config) {}, ""},
		"secret":                 {local(func(*Provider) {}), ""},
		"key set":                {remote(func(*Provider) {}), ""},
		"issuer":                 {issuer("https://idp.example/realm/"), ""},
		"no place":               {func(c *Config) { local(func(*Provider) {})(c); c.TokenLookup = nil }, "tokenLookup"},
		"empty place":            {func(c *Config) { c.TokenLookup = []TokenLocation{{}} }, "tokenLookup[0]"},
		"two in one place":       {func(c *Config) { c.TokenLookup = []TokenLocation{{Header: "a", Cookie: "b"}} }, "tokenLookup[0]"},
		"prefix of a cookie":     {func(c *Config) { c.TokenLookup = []TokenLocation{{Cookie: "a", Prefix: "b"}} }, "tokenLookup[0].prefix"},
		"prefix of two words":    {func(c *Config) { c.TokenLookup = []TokenLocation{{Header: "a", Prefix: "b c"}} }, "tokenLookup[0].prefix"},
		"no header":              {func(c *Config) { c.TokenLookup = []TokenLocation{{Header: "a:"}} }, "tokenLookup[0].header"},
		"no cookie":              {func(c *Config) { c.TokenLookup = []TokenLocation{{Header: "b"}, {Cookie: "a="}} }, "tokenLookup[1].cookie"},
		"cookies as a header":    {func(c *Config) { c.TokenLookup = []TokenLocation{{Header: "Cookie"}} }, "tokenLookup[0].header"},
		"tolerance":              {func(c *Config) { c.ClockTolerance = -1 }, "clockTolerance"},
		"scopes":                 {func(c *Config) { c.Scopes.Claims = []string{"a", "$"} }, "scopes.claims[1]"},
		"no name":                {local(func(p *Provider) { p.Name = "" }), "providers[0].name"},
		"odd name":               {local(func(p *Provider) { p.Name = "a\nb" }), "providers[0].name"},
		"same name":              {func(c *Config) { local(func(*Provider) {})(c); c.Providers = append(c.Providers, c.Providers[0]) }, "providers[1].name"},
		"no source":              {local(func(p *Provider) { p.KeySource = KeySource{} }), "providers[0]"},
		"two sources":            {local(func(p *Provider) { p.JWKSFile = "x" }), "providers[0]"},
		"half a secret":          {local(func(p *Provider) { p.Secret = secret.Source{Encoding: "hex"} }), "providers[0].secret"},
		"none":                   {remote(func(p *Provider) { p.Algorithms = []string{"RS256", "none"} }), "providers[0].algorithms[1]"},
		"HMAC for a key set":     {remote(func(p *Provider) { p.Algorithms = []string{"HS256"} }), "providers[0].algorithms[0]"},
		"HMAC for a PEM":         {local(func(p *Provider) { p.KeySource = KeySource{PublicKeyFile: "x"}; p.Algorithms = []string{"HS256"} }), "providers[0].algorithms[0]"},
		"RSA for a secret":       {local(func(p *Provider) { p.Algorithms = []string{"RS256"} }), "providers[0].algorithms[0]"},
		"no audience":            {remote(func(p *Provider) { p.Audience = nil }), "providers[0].audience"},
		"no audience for a file": {remote(func(p *Provider) { p.JWKSURL, p.JWKSFile, p.Audience = "", "x", nil }), "providers[0].audience"},
		"any audience":           {remote(func(p *Provider) { p.Audience, p.AnyAudience = nil, true }), ""},
		"any and one audience":   {remote(func(p *Provider) { p.AnyAudience = true }), "providers[0].anyAudience"},
		"empty audience":         {remote(func(p *Provider) { p.Audience = []string{"a", ""} }), "providers[0].audience[1]"},
		"empty issuer":           {remote(func(p *Provider) { p.Issuer = []string{""} }), "providers[0].issuer[0]"},
		"empty type":             {remote(func(p *Provider) { p.Typ = []string{""} }), "providers[0].typ[0]"},
		"short secret for a set": {remote(func(p *Provider) { p.AllowShortSecret = true }), "providers[0].allowShortSecret"},
		"insecure secret":        {local(func(p *Provider) { p.AllowInsecureHTTP = true }), "providers[0].allowInsecureHttp"},
		"startup of a secret":    {local(func(p *Provider) { p.Startup = "wait" }), "providers[0].startup"},
		"startup":                {remote(func(p *Provider) { p.Startup = "later" }), "providers[0].startup"},
		"startup fail":           {remote(func(p *Provider) { p.Startup = "fail" }), ""},
		"refresh of a secret":    {local(func(p *Provider) { p.Refresh.Min = 1 }), "providers[0].refresh"},
		"min more than max":      {remote(func(p *Provider) { p.Refresh.Min, p.Refresh.Max = 2, 1 }), "providers[0].refresh"},
		"min alone, long":        {remote(func(p *Provider) { p.Refresh.Min = 2 * time.Hour }), ""},
		"max alone, short":       {remote(func(p *Provider) { p.Refresh.Max = time.Second }), ""},
		"negative":               {remote(func(p *Provider) { p.Refresh.Min = -1 }), "providers[0].refresh"},
		"http":                   {address("http://idp.example/keys"), "providers[0].jwksUrl"},
		"http allowed":           {remote(func(p *Provider) { p.JWKSURL, p.AllowInsecureHTTP = "http://idp.example/keys", true }), ""},
		"http on 127.0.0.1":      {address("http://127.0.0.1:8080/keys"), ""},
		"http on ::1":            {address("http://[::1]:8080/keys"), ""},
		"http on localhost":      {address("http://localhost/keys"), ""},
		"http on localhost.evil": {address("http://localhost.evil.example/keys"), "providers[0].jwksUrl"},
		"http on 127.0.0.1.evil": {address("http://127.0.0.1.evil.example/keys"), "providers[0].jwksUrl"},
		"user before loopback":   {address("http://127.0.0.1@evil.example/keys"), "providers[0].jwksUrl"},
		"user":                   {address("https://a:b@idp.example/keys"), "providers[0].jwksUrl"},
		"file URL":               {address("file:///etc/keys"), "providers[0].jwksUrl"},
		"no host":                {address("https:///keys"), "providers[0].jwksUrl"},
		"no URL":                 {address("https://%zz"), "providers[0].jwksUrl"},
		"fragment":               {address("https://idp.example/keys#x"), "providers[0].jwksUrl"},
		"query":                  {address("https://idp.example/keys?x=y"), ""},
		"issuer with a query":    {issuer("https://idp.example/?x=y"), "providers[0].issuerUrl"},
		"issuer over http":       {issuer("http://idp.example"), "providers[0].issuerUrl"},
		"all at once":            {func(c *Config) { c.ClockTolerance = -1; c.Scopes.Claims = []string{""} }, "clockTolerance scopes.claims[0]"},
	} {
		c := DefaultConfig()
		tc.change(&c)
		var paths []string
		c.Check(func(path, problem string) {
			paths = append(paths, path)
			if problem == "" {
				t.Errorf("%s: nothing is said", name)
			}
		})
		if got := strings.Join(paths, " "); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
		if tc.want != "" {
			if _, err := NewAuthenticator(t.Context(), c, Observer{}); err == nil {
				t.Errorf("%s: it starts", name)
			}
		}
	}
}

// TestConfigJSON reads the members as the file has them.
func TestConfigJSON(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	d := json.NewDecoder(strings.NewReader(`{
		"tokenLookup": [{"header":"authorization","prefix":"Bearer"},{"cookie":"auth"}],
		"providers": [{"name":"n","secret":{"env":"E","encoding":"hex"},"jwksUrl":"u","jwksFile":"f","issuerUrl":"i","publicKeyFile":"p",
			"algorithms":["A"],"issuer":["I"],"audience":["U"],"anyAudience":true,"typ":["T"],"refresh":{"min":1,"max":2},
			"startup":"fail","allowShortSecret":true,"allowInsecureHttp":true}],
		"clockTolerance": 3, "requireExp": false, "reject": {"missingToken":false,"invalidToken":false}, "scopes": {"claims":["c"]}}`))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	p := c.Providers[0]
	if len(p.kinds()) != 5 || p.Secret.Encoding != "hex" || p.Refresh.Max != 2 || !p.AllowShortSecret || !p.AllowInsecureHTTP || !p.AnyAudience ||
		p.Typ[0] != "T" || c.ClockTolerance != 3 || c.RequireExp || c.Reject.MissingToken || !c.UsesCookies() || DefaultConfig().UsesCookies() {
		t.Errorf("got %+v", c)
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	abs := filepath.Join(t.TempDir(), "x")
	c := config(Provider{KeySource: KeySource{JWKSFile: "keys.json"}}, Provider{KeySource: KeySource{PublicKeyFile: abs}},
		Provider{KeySource: KeySource{Secret: secret.Source{File: "s"}}}, Provider{KeySource: KeySource{JWKSURL: "u"}})
	got := c.Below("dir")
	if got.Providers[0].JWKSFile != filepath.Join("dir", "keys.json") || got.Providers[1].PublicKeyFile != abs ||
		got.Providers[2].Secret.File != filepath.Join("dir", "s") || got.Providers[3].JWKSFile != "" || c.Providers[0].JWKSFile != "keys.json" {
		t.Errorf("got %+v", got.Providers)
	}
}

func TestRefreshDefaults(t *testing.T) {
	t.Parallel()
	for _, tc := range [][4]time.Duration{
		{0, 0, 10 * time.Second, time.Hour},
		{time.Minute, 0, time.Minute, time.Hour},
		{2 * time.Hour, 0, 2 * time.Hour, 2 * time.Hour},
		{0, time.Second, time.Second, time.Second},
		{time.Second, time.Minute, time.Second, time.Minute},
	} {
		var s KeySource
		s.Refresh.Min, s.Refresh.Max = tc[0], tc[1]
		if least, most := s.refresh(); least != tc[2] || most != tc[3] {
			t.Errorf("%v: got %s, %s", tc, least, most)
		}
	}
}

// TestKeysAtTheStart covers keys that come from files and variables.
func TestKeysAtTheStart(t *testing.T) {
	k := testKeys()
	t.Setenv("AUTHZ_TEST_SHORT", strings.Repeat("x", 31))
	t.Setenv("AUTHZ_TEST_32", strings.Repeat("x", 32))
	rsaPEM := pemOf(t, k.rsa.Public())
	secretOf := func(text string) KeySource { return KeySource{Secret: secret.Source{File: file(t, []byte(text))}} }
	env := func(name string) KeySource { return KeySource{Secret: secret.Source{Env: name}} }
	pem := func(text []byte) KeySource { return KeySource{PublicKeyFile: file(t, text)} }
	set := func(text []byte) KeySource { return KeySource{JWKSFile: file(t, text)} }
	encoded := func(raw []byte) KeySource {
		text := base64.StdEncoding.EncodeToString(raw)
		return KeySource{Secret: secret.Source{File: file(t, []byte(text)), Encoding: "base64"}}
	}
	short := env("AUTHZ_TEST_SHORT")
	short.AllowShortSecret = true
	certificate, err := os.ReadFile(filepath.Join("testdata", "certificate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	certificateDER, _ := pemlib.Decode(certificate)
	for name, tc := range map[string]struct {
		source     KeySource
		algorithms []string
		want       string // in the error, "" if there is none
	}{
		"secret of 32 bytes":      {env("AUTHZ_TEST_32"), nil, ""},
		"short secret":            {env("AUTHZ_TEST_SHORT"), nil, "RFC 7518"},
		"short for one algorithm": {env("AUTHZ_TEST_32"), []string{"HS256", "HS384"}, "HS384 needs 48"},
		"short secret, allowed":   {short, nil, ""},
		"absent secret":           {env("AUTHZ_TEST_ABSENT"), nil, "AUTHZ_TEST_ABSENT is not set"},
		"PEM as a secret":         {secretOf(string(rsaPEM)), nil, "may be public"},
		"JWK as a secret":         {secretOf(jsonOf(jwk(k.rsa, "x", nil))), nil, "may be public"},
		"key set as a secret":     {secretOf(string(jwks(jwk(k.rsa, "x", nil)))), nil, "may be public"},
		"public key as a secret":  {encoded(publicDER(t, k.rsa)), nil, "may be public"},
		"certificate as a secret": {encoded(certificateDER.Bytes), nil, "may be public"},
		"RSA":                     {pem(rsaPEM), nil, ""},
		"EC":                      {pem(pemOf(t, k.p256.Public())), nil, ""},
		"EC that fits nothing":    {pem(pemOf(t, k.p384.Public())), nil, "ES384"},
		"EC that fits":            {pem(pemOf(t, k.p384.Public())), []string{"ES384"}, ""},
		"Ed25519":                 {pem(pemOf(t, k.ed.Public())), nil, ""},
		"small RSA":               {pem(pemOf(t, k.smallRSA.Public())), nil, "2048"},
		"certificate":             {pem(certificate), []string{"ES256"}, ""},
		"chain":                   {pem(append(certificate, certificate...)), []string{"ES256"}, "more than one"},
		"no PEM":                  {pem([]byte("x")), nil, "no PEM"},
		"private key":             {pem([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")), nil, "neither a public key"},
		"broken PEM":              {pem([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")), nil, "asn1"},
		"absent PEM":              {KeySource{PublicKeyFile: filepath.Join(t.TempDir(), "x")}, nil, "no such file"},
		"key set":                 {set(jwks(jwk(k.rsa, "x", nil))), nil, ""},
		"empty key set":           {set(jwks()), nil, "empty"},
		"absent key set":          {KeySource{JWKSFile: filepath.Join(t.TempDir(), "x")}, nil, "no such file"},
		"key set that fits not":   {set(jwks(jwk(k.p384, "x", nil))), nil, "no key fits"},
		"huge key set":            {set(slices.Concat(jwks(jwk(k.rsa, "x", nil)), make([]byte, 1<<20))), nil, "longer than"},
	} {
		p := Provider{Name: "p", KeySource: tc.source, Algorithms: tc.algorithms, AnyAudience: true}
		a, err := NewAuthenticator(context.Background(), config(p), Observer{})
		switch {
		case err == nil && tc.want != "":
			t.Errorf("%s: it starts", name)
		case err != nil && (tc.want == "" || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
		if a != nil {
			a.Close()
		}
	}
}
