package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// loadSchema reads a supergraph.
func loadSchema(path string) (*supergraph.Schema, error) {
	if path == "" {
		return nil, errors.New("there is no supergraph: give --supergraph, or supergraph.path in the configuration")
	}
	sdl, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the supergraph: %w", err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		return nil, fmt.Errorf("loading the supergraph: %w", err)
	}
	return schema, nil
}

// loadCaller returns who has the claims in the file, anonymous without one. Nothing is verified.
func loadCaller(file string, config gateway.Config) (authz.Identity, error) {
	if file == "" {
		return authz.Identity{}, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return authz.Identity{}, err
	}
	var scopes []authz.ClaimPath
	for _, text := range config.JWT.Scopes.Claims {
		path, err := authz.ParseClaimPath(text)
		if err != nil {
			return authz.Identity{}, fmt.Errorf("jwt.scopes.claims: %w", err)
		}
		scopes = append(scopes, path)
	}
	caller, err := authz.NewIdentity(raw, scopes...)
	if err != nil {
		return caller, fmt.Errorf("the claims in %s: %w", file, err)
	}
	return caller, nil
}

// newAuthorizer returns what decides, with the policies that are configured. The first policy that fails is in failed.
func newAuthorizer(schema *supergraph.Schema, config gateway.Config, failed *error) (*authz.Authorizer, error) {
	var mu sync.Mutex // sources are asked at the same time
	note := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		*failed = cmp.Or(*failed, err)
	}
	policy, err := config.OpenPolicies(schema, note)
	if err != nil {
		return nil, err
	}
	return authz.NewAuthorizer(schema, config.Authorization, policy, note)
}
