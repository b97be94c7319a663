"""What a student can do from their own server: with a kernel, a terminal's commands, and curl."""


def test_a_student_has_a_server_of_their_own(klass):
    ada = klass.sign_in("ada")
    ada.start_server()
    assert ada.run("import getpass; print(getpass.getuser())") == "ada\n"
