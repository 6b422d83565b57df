@echo off
rem Starts the workbook from this folder; nothing is asked from the internet.
rem   start.bat            opens the notebooks
rem   start.bat report     the report of the training country; other commands as in README.md
rem   start.bat check      compares every file with SHA256SUMS.txt
setlocal
cd /d "%~dp0"
set PIP_NO_INDEX=1
set UV_OFFLINE=1
set PYTHONUTF8=1
set PYTHON=
for %%v in (@PYTHONS@) do (
  if not defined PYTHON (
    py -%%v -c "pass" >nul 2>nul && set PYTHON=py -%%v
  )
  if not defined PYTHON (
    python -c "import sys; sys.exit('%%d.%%d' %% sys.version_info[:2] != '%%v')" >nul 2>nul && set PYTHON=python
  )
)
if not defined PYTHON (
  echo This kit needs one of these Pythons: @PYTHONS@.
  echo Found: none of them on this computer.
  echo What to do: install one from https://www.python.org/downloads/ and start again.
  pause
  exit /b 1
)
if "%~1"=="check" (
  %PYTHON% check_copy.py
) else if "%~1"=="" (
  %PYTHON% workbook.py lab
) else (
  %PYTHON% workbook.py %*
)
set CODE=%ERRORLEVEL%
if not "%CODE%"=="0" pause
exit /b %CODE%
