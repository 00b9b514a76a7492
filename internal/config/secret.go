package config

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// SecretName is the secret's file in the data directory.
const SecretName = "secret"

// Secret is the installation's secret: the value given, the file given, or the
// file in the data directory, which the first start makes. What others could
// read is refused (S55).
func (c *Config) Secret() ([]byte, error) {
	if c.Secrets.Value != "" {
		return hex.DecodeString(c.Secrets.Value)
	}
	path := c.Secrets.File
	if path == "" {
		path = filepath.Join(c.Data.Dir, SecretName)
		if err := makeSecret(path); err != nil {
			return nil, err
		}
	}
	if err := PrivateFile(path); err != nil {
		return nil, &Error{c.Origin("secrets.file"), err.Error()}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{c.Origin("secrets.file"), path + " cannot be read: " + reason(err)}
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != SecretLen {
		return nil, &Error{c.Origin("secrets.file"), fmt.Sprintf("%s does not hold %d hexadecimal characters", path, 2*SecretLen)}
	}
	return secret, nil
}

// Derive gives a key for one purpose: knowing it tells nothing of another.
func Derive(secret []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "footpath "+purpose, SecretLen)
}

// PrivateFile refuses a file that others than its owner may read or write.
func PrivateFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %s", path, reason(err))
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o, so others can read it: chmod 600 %s", path, mode, path)
	}
	return nil
}

// makeSecret writes a new secret unless there is one; it is durable before the
// first key is wrapped with it, and never half there.
func makeSecret(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	raw := make([]byte, SecretLen)
	if _, err := rand.Read(raw); err != nil {
		return fmt.Errorf("make secret: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("make secret: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(raw) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("make secret %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
