package authz

import "time"

// Observer is told what happens, for metrics and logs. Members may be nil. They are called while a request waits or from
// the goroutine that fetches keys, several at the same time, so they must be quick and safe for concurrent use.
type Observer struct {
	// Authenticated is called once for each request. The result is "authenticated", "missing"
	// (no token), "invalid", "refused" (400: several tokens, or one that is too long) or "unavailable" (503). The provider
	// is the name of the one that accepted the token or got furthest with it, "" if none was asked.
	Authenticated func(result, provider string)
	// CacheRead is called for each token that is looked up among those verified before.
	CacheRead func(hit bool)
	// Refreshed is called after each fetch of a provider's keys. The result is "changed", "unchanged" or "error"; err is
	// what went wrong, for the log of an operator: it may name hosts.
	Refreshed func(provider, result string, err error)
	// Decided is called after each question to a source of policies: one of the configuration by its name, or the program's
	// own as "program". The error is what went wrong, nil if there is a decision.
	Decided func(source string, took time.Duration, err error)
}

// withDefaults returns o with members that can be called.
func (o Observer) withDefaults() Observer {
	if o.Authenticated == nil {
		o.Authenticated = func(string, string) {}
	}
	if o.CacheRead == nil {
		o.CacheRead = func(bool) {}
	}
	if o.Refreshed == nil {
		o.Refreshed = func(string, string, error) {}
	}
	if o.Decided == nil {
		o.Decided = func(string, time.Duration, error) {}
	}
	return o
}
