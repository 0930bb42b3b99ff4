//! What the doors cost: HID in memory as a ratio to the same ceremony without it, and a unix socket in
//! microseconds.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use lab_benches::doors;

fn main() {
    println!("{:<48} {:>10} {:>10}", "what", "measured", "goal");
    let hid = doors::hid_ratio();
    println!("{:<48} {hid:>10.3} {:>10}", "ceremony over HID in memory, ratio to direct", "1.10");
    let (get_info, make_credential) = doors::unix_socket();
    println!("{:<48} {get_info:>10.1} {:>10}", "getInfo over a unix socket, µs", "200");
    println!("{:<48} {make_credential:>10.1} {:>10}", "makeCredential over a unix socket, µs", "1000");
}
