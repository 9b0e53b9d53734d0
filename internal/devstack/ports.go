package devstack

// FreeAddr returns a loopback address on which nothing listens at the moment, outside the range from which systems take
// the ports of outgoing connections: a program that serves on it can be restarted there.
func FreeAddr() (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	return loopback(port), nil
}
