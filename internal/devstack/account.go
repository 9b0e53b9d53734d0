package devstack

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom a server runs as that refuses to run as root.
type account struct{ uid, gid uint32 }

// unprivileged returns the account for such servers, or nil if this process is not root and can run them itself.
func unprivileged() *account {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &account{uid: uint32(uid), gid: uint32(gid)}
		}
	}
	return &account{uid: 65534, gid: 65534} // by convention nobody's, should the system not name one
}

// own makes the account the owner of one file or directory. It does nothing for nil.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// canEnter reports whether the account may pass through every directory on the way to dir.
func (a *account) canEnter(dir string) bool {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return false
		}
		pass := os.FileMode(0o001)
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			switch {
			case stat.Uid == a.uid:
				pass = 0o100
			case stat.Gid == a.gid:
				pass = 0o010
			}
		}
		if info.Mode()&pass == 0 {
			return false
		}
		if parent == filepath.Dir(parent) {
			return true
		}
	}
}
