#include "tests/support/other_program.h"

#include <X11/Xatom.h>
#include <X11/Xlib.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace fieldfare::tests {
namespace {

Display* of(void* display) {
    return static_cast<Display*>(display);
}

}  // namespace

OtherProgram::OtherProgram(const std::string& display, std::string copied)
    : display_(XOpenDisplay(display.c_str())), copied_(std::move(copied)) {
    if (display_ == nullptr) throw std::runtime_error("there is no display");
    Display* const x = of(display_);
    window_ = XCreateSimpleWindow(x, DefaultRootWindow(x), 0, 0, 1, 1, 0, 0, 0);
    const Atom clipboard = XInternAtom(x, "CLIPBOARD", False);
    XSetSelectionOwner(x, clipboard, window_, CurrentTime);
    if (XGetSelectionOwner(x, clipboard) != window_)
        throw std::runtime_error("the clipboard could not be had");
    thread_ = std::thread([this] { answer(); });
}

OtherProgram::~OtherProgram() {
    ends_ = true;
    thread_.join();
    XCloseDisplay(of(display_));
}

void OtherProgram::answer() {
    Display* const x = of(display_);
    const Atom utf8 = XInternAtom(x, "UTF8_STRING", False);
    for (; !ends_; std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
        while (XPending(x) > 0) {
            XEvent event;
            XNextEvent(x, &event);
            if (event.type != SelectionRequest) continue;
            const XSelectionRequestEvent& asked = event.xselectionrequest;
            XEvent told{};
            told.xselection = {.type = SelectionNotify,
                               .serial = 0,
                               .send_event = True,
                               .display = x,
                               .requestor = asked.requestor,
                               .selection = asked.selection,
                               .target = asked.target,
                               .property = None,
                               .time = asked.time};
            if (asked.target == utf8) {
                XChangeProperty(x, asked.requestor, asked.property, utf8, 8, PropModeReplace,
                                reinterpret_cast<const unsigned char*>(copied_.data()),
                                static_cast<int>(copied_.size()));
                told.xselection.property = asked.property;
            }
            XSendEvent(x, asked.requestor, False, 0, &told);
            XFlush(x);
        }
    }
}

}  // namespace fieldfare::tests
