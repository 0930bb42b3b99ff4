//! Any text as what the kernel says of a HID device: names are single lines with something in them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let found = lab_links::usb::described(&String::from_utf8_lossy(bytes), "/dev/hidraw0".into());
    for name in [found.product, found.serial].into_iter().flatten() {
        assert!(!name.is_empty() && !name.contains('\n') && name.trim() == name);
    }
});
