/**
 * What the Python client takes for Vast's root certificate, which it fetches before its first request. Self-signed, no
 * authority, and its private key was never kept: trusting it trusts nobody.
 */
export const rootCertificate = `\
-----BEGIN CERTIFICATE-----
MIIBszCCAVqgAwIBAgIUSedlEA5D4nwm8gB1FDR0MWdF06MwCgYIKoZIzj0EAwIw
MDEuMCwGA1UEAwwlcHl3b3JrZXItZW5naW5lICh2b3VjaGVzIGZvciBub3RoaW5n
KTAgFw0yNjExMjMyMDA3MDhaGA8yMTI2MTAzMDIwMDcwOFowMDEuMCwGA1UEAwwl
cHl3b3JrZXItZW5naW5lICh2b3VjaGVzIGZvciBub3RoaW5nKTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABE/tdAzylUcVdpMJ9FIcRuwf5MvOp5ifosXaumvv/Ykt
Y2bnG4fUkwD+d4VqygUgocc6q5fCWhnZjFb2UcDP+eyjUDBOMB0GA1UdDgQWBBRF
3XfLWnoW9CdKksU1oy3Fw1XGhzAfBgNVHSMEGDAWgBRF3XfLWnoW9CdKksU1oy3F
w1XGhzAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0cAMEQCIEEfYmjw9uWaRy9U
2VxktgToPqlloZ41eKdp7ZeJaH4rAiAYnNBQsSf5mUZohvS7Vvl0xrc6UKaPTRC/
Lvj6oCGRyQ==
-----END CERTIFICATE-----
`;
