package authz

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Method finds out who sends a request. *Authenticator is one; programs that embed the gateway may bring their own.
//
// Authenticate looks at the request's headers and never at its body. It returns the caller, anonymous where there is none,
// and for a caller without valid credentials a Rejection or nil, as configured. An error means that the question could not
// be decided, and nothing lifts it. Authenticate must be safe for concurrent use.
type Method interface {
	Authenticate(r *http.Request) (Identity, *Rejection, error)
}

var _ Method = (*Authenticator)(nil)

// Authenticator recognises callers by their tokens (JWT: RFC 7519 and RFC 8725, bearer tokens: RFC 6750). It is safe for
// concurrent use. Close ends it.
type Authenticator struct {
	places     []lookup
	byIssuer   map[string][]*provider // those that list the issuer, in the order of the configuration
	unlisted   []*provider            // those that list no issuer
	scopes     []ClaimPath
	rejections rejections
	cache      *verifiedCache
	observer   Observer
	env        environment

	remotes []*remoteKeys
	waited  context.Context //nolint:containedctx // its end says that the start has waited long enough
	stop    context.CancelFunc
	running sync.WaitGroup
}

// NewAuthenticator compiles a configuration, reads secrets and files, and begins to fetch key sets. The error is about a
// configuration that Check refuses, a file or a secret that cannot be used, or a provider with "startup": "fail" whose keys
// could not be fetched within 10 s. ctx bounds the start only.
//
// Key sets of other providers may still be on their way when it returns: Wait waits for them, Ready tells.
func NewAuthenticator(ctx context.Context, c Config, observer Observer) (*Authenticator, error) {
	return newAuthenticator(ctx, c, observer, newEnvironment())
}

func newAuthenticator(ctx context.Context, c Config, observer Observer, env environment) (*Authenticator, error) {
	a := &Authenticator{
		places:     newLookups(c.TokenLookup),
		byIssuer:   map[string][]*provider{},
		rejections: newRejections(c),
		cache:      newVerifiedCache(),
		observer:   observer.withDefaults(),
		env:        env,
	}
	if err := a.compile(c); err != nil {
		return nil, err
	}
	if err := a.start(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// compile makes what the configuration describes.
func (a *Authenticator) compile(c Config) error {
	var problems []error
	c.Check(func(path, problem string) { problems = append(problems, fmt.Errorf("%s: %s", path, problem)) })
	if len(problems) > 0 {
		return fmt.Errorf("jwt: %w", errors.Join(problems...))
	}
	for _, text := range c.Scopes.Claims {
		path, err := ParseClaimPath(text)
		if err != nil {
			return fmt.Errorf("jwt: scopes: %w", err)
		}
		a.scopes = append(a.scopes, path)
	}
	for _, p := range c.Providers {
		keys, err := a.newKeyring(p)
		if err != nil {
			problems = append(problems, fmt.Errorf("jwt: provider %q: %w", p.Name, err))
			continue
		}
		compiled := newProvider(p, c, a.env.now, keys)
		if len(compiled.issuers) == 0 {
			a.unlisted = append(a.unlisted, compiled)
		}
		for _, issuer := range compiled.issuers {
			a.byIssuer[issuer] = append(a.byIssuer[issuer], compiled)
		}
	}
	return errors.Join(problems...)
}

// newKeyring returns the keys of a provider.
func (a *Authenticator) newKeyring(p Provider) (keyring, error) {
	if p.isRemote() {
		r := newRemoteKeys(p, a.env, a.observer)
		a.remotes = append(a.remotes, r)
		return r, nil
	}
	set, err := readFixedKeys(p)
	if err != nil {
		return nil, err
	}
	return fixedKeys{set}, nil
}

// start begins to fetch, and waits for the keys of those who cannot start without.
func (a *Authenticator) start(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	var stopWaiting context.CancelFunc
	a.waited, stopWaiting = context.WithTimeout(run, a.env.startup)
	a.stop = func() { stopWaiting(); stop() }
	for _, r := range a.remotes {
		a.running.Go(func() { r.run(run) })
	}
	for _, r := range a.remotes {
		if r.startup != startupFail {
			continue
		}
		select {
		case <-r.first:
		case <-a.waited.Done():
			last, _ := r.state()
			return fmt.Errorf("jwt: provider %q has no keys: %w", r.name, cmp.Or(last.problem, errNoAnswer))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close ends the fetching of keys and waits for it. Tokens that need no other keys are still verified.
func (a *Authenticator) Close() {
	if a.stop != nil {
		a.stop()
	}
	a.running.Wait()
}

// Ready tells whether the gateway should get requests: every provider has keys, or was not to be waited for (any longer).
// The reasons say for each provider what is not as it should be, also when ready; they are for operators and may name hosts.
func (a *Authenticator) Ready() (ready bool, reasons []string) {
	ready = true
	for _, r := range a.remotes {
		last, hasKeys := r.state()
		switch {
		case !hasKeys:
			ready = ready && (r.startup != startupWait || a.waited.Err() != nil)
			reasons = append(reasons, fmt.Sprintf("jwt provider %q has no keys yet: %v", r.name, cmp.Or(last.problem, errNoAnswer)))
		case last.problem != nil:
			reasons = append(reasons, fmt.Sprintf("jwt provider %q keeps old keys: %v", r.name, last.problem))
		}
	}
	return ready, reasons
}

var errNoAnswer = errors.New("no answer so far")

// KeyAges returns, for each provider whose keys were fetched, the time since the last fetch that succeeded.
func (a *Authenticator) KeyAges() map[string]time.Duration {
	ages := make(map[string]time.Duration, len(a.remotes))
	for _, r := range a.remotes {
		if last, hasKeys := r.state(); hasKeys {
			ages[r.name] = a.env.now().Sub(last.succeeded)
		}
	}
	return ages
}

// Authenticate implements Method. The error is a *gqlerr.Error: BAD_REQUEST for several tokens at one place or a token of
// more than 16 KiB, AUTHENTICATION_UNAVAILABLE for a token of a provider that never had keys, who is never anonymous.
func (a *Authenticator) Authenticate(r *http.Request) (Identity, *Rejection, error) {
	raw, prefix, err := findToken(a.places, r.Header)
	switch {
	case err != nil:
		a.observer.Authenticated("refused", "")
		return Identity{}, nil, err
	case raw == "":
		a.observer.Authenticated("missing", "")
		return Identity{}, a.rejections.missing, nil
	}
	id, name, failed := a.identify(r.Context(), raw)
	switch failed {
	case accepted:
		a.observer.Authenticated("authenticated", name)
		id.Prefix = prefix
		return id, nil, nil
	case unavailable:
		a.observer.Authenticated("unavailable", name)
		return Identity{}, nil, errUnavailable
	default:
		a.observer.Authenticated("invalid", name)
		return Identity{}, a.rejections.invalid[failed], nil
	}
}

// identify returns whose token it is, or why it is not accepted, and which provider said so.
func (a *Authenticator) identify(ctx context.Context, raw string) (Identity, string, failure) {
	digest := digestOf(raw)
	v := a.cache.get(digest, a.env.now)
	a.observer.CacheRead(v != nil)
	if v != nil {
		return v.identity, v.by.name, accepted
	}
	t, failed := parseToken(raw)
	if failed != accepted {
		return Identity{}, "", failed
	}
	by, keys, failed := a.verify(ctx, t)
	switch {
	case by == nil:
		return Identity{}, "", failed
	case failed != accepted:
		return Identity{}, by.name, failed
	}
	id := identityOf(t.claims, t.registered, a.scopes)
	id.Token, id.Provider = raw, by.name
	a.cache.put(digest, &verified{identity: id, by: by, keys: keys})
	return id, by.name, accepted
}

// verify asks the providers that a token belongs to: those that list its issuer, or else those that list none (RFC 8725,
// section 3.8). If nobody accepts it and some lack the key that it names, they may fetch their keys, and are asked again
// if those are others.
func (a *Authenticator) verify(ctx context.Context, t *token) (by *provider, keys *keySet, failed failure) {
	responsible, listed := a.byIssuer[t.issuer]
	if !listed {
		responsible = a.unlisted
	}
	by, keys, failed = ask(responsible, t)
	if failed == accepted || !slices.ContainsFunc(responsible, func(p *provider) bool { return p.lacksKey(t) }) {
		return by, keys, failed
	}
	ctx, cancel := context.WithTimeout(ctx, a.env.patience)
	defer cancel()
	changed := false
	for _, p := range responsible {
		if p.lacksKey(t) {
			before := p.keys.current()
			p.keys.renew(ctx)
			changed = changed || p.keys.current() != before
		}
	}
	if !changed {
		return by, nil, failed
	}
	return ask(responsible, t)
}

// ask asks one provider after the other. If none accepts the token, it returns the one that got furthest, nil if there is
// none at all.
func ask(responsible []*provider, t *token) (by *provider, keys *keySet, failed failure) {
	failed = wrongProvider
	for _, p := range responsible {
		keys, f := p.verify(t)
		if f == accepted {
			return p, keys, accepted
		}
		if by == nil || f >= failed {
			by, failed = p, f
		}
	}
	return by, nil, failed
}
