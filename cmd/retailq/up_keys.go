package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keys are the secrets of a platform started by `up`. They are kept in its directory, as the passwords are stored
// nowhere else in a form that could be shown again.
type keys struct {
	TokenSecret   string `json:"token_secret"`
	AdminPassword string `json:"admin_password"`
	DemoPassword  string `json:"demo_password"`
}

// loadKeys reads the keys of dir, or makes and keeps new ones.
func loadKeys(dir string) (keys, error) {
	path := filepath.Join(dir, "keys.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k := keys{TokenSecret: rand.Text() + rand.Text(), AdminPassword: rand.Text(), DemoPassword: rand.Text()}
		return k, k.save(path)
	}
	if err != nil {
		return keys{}, fmt.Errorf("read keys: %w", err)
	}
	var k keys
	if err := json.Unmarshal(raw, &k); err != nil {
		return keys{}, fmt.Errorf("read keys from %s: %w", path, err)
	}
	return k, nil
}

// save replaces the file as a whole: half of it would lock everybody out.
func (k keys) save(path string) error {
	raw, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return fmt.Errorf("save keys: %w", err)
	}
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("save keys: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("save keys: %w", err)
	}
	return nil
}
